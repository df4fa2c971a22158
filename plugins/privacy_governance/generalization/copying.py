"""Numbers to and from the warehouse in PostgreSQL's binary form; texts by COPY, so that no statement holds one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from privacy_governance.warehouse import Connection

COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_TRAILER = b"\xff\xff"
# a value can't be longer than 1 GB: so many of them hold a thousand million numbers
PIECES = 63


def numbered(name: str, number: int) -> sql.Identifier:
    """Return the name of a working table or column that there is one of for each column of the order."""
    return sql.Identifier(f"{name}_{number}")


def comma(parts: Iterable[sql.Composable]) -> sql.Composed:
    """Return the parts with commas between them."""
    return sql.SQL(", ").join(parts)


def copy_texts(connection: Connection, create: sql.Composed, table: sql.Identifier, texts: Sequence[str]) -> None:
    """Create a small table and fill it with texts and their numbers."""
    connection.execute(create)
    with connection.cursor().copy(sql.SQL("copy {} from stdin").format(table)) as copy:
        for number, text in enumerate(texts):
            copy.write_row((text, number))


def copy_integers(
    connection: Connection, table: sql.SQL, columns: Sequence[NDArray[np.int64]], types: Sequence[str]
) -> None:
    """Fill a table of whole numbers, of `types` i4 or i8."""
    packed = np.empty(len(columns[0]), dtype=_record(types))
    packed["fields"] = len(columns)
    for number, (column, of) in enumerate(zip(columns, types, strict=True)):
        packed[f"size{number}"], packed[f"value{number}"] = int(of[1:]), column
    with connection.cursor().copy(sql.SQL("copy {} from stdin (format binary)").format(table)) as copy:
        copy.write(COPY_HEADER + packed.tobytes() + COPY_TRAILER)


def read_integers(connection: Connection, query: sql.Composed, types: Sequence[str]) -> list[NDArray[np.int64]]:
    """Run a query of whole numbers, of `types` i4 or i8; return its columns.

    The warehouse packs rows into a few long values: a message a row takes longer than all else.

    Raises:
        ValueError: a number is null.

    """
    names = [numbered("n", number) for number in range(len(types))]
    sends = [sql.SQL(f"int{of[1:]}send({{}})").format(name) for of, name in zip(types, names, strict=True)]
    packed = sql.SQL(
        "select count(*), string_agg({}, ''::bytea) from ("
        "select counted.*, (random() * {})::int4 as piece from ({}) as counted ({})"
        ") as counted group by piece"
    ).format(sql.SQL(" || ").join(sends), PIECES, query, comma(names))
    pieces = connection.cursor(binary=True).execute(packed).fetchall()
    record = np.dtype([(f"value{number}", f">{of}") for number, of in enumerate(types)])
    read = np.frombuffer(b"".join(piece for _, piece in pieces if piece is not None), dtype=record)
    if len(read) != sum(rows for rows, _ in pieces):
        raise ValueError("a query of whole numbers has a null. Give its columns a number for it.")
    return [read[f"value{number}"].astype(np.int64) for number in range(len(types))]


def _record(types: Sequence[str]) -> np.dtype[Any]:
    """Return the layout of a row: its number of fields, then each field's size and value, all big-endian."""
    fields = [("fields", ">i2")]
    for number, of in enumerate(types):
        fields += [(f"size{number}", ">i4"), (f"value{number}", f">{of}")]
    return np.dtype(fields)
