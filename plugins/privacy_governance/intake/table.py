"""One file's table in `raw`: staged as text, typed, made or replaced, all in the caller's transaction."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from privacy_governance.intake.outcome import Refusal, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from privacy_governance.intake.outcome import StagedColumn
    from privacy_governance.warehouse import Connection

SCHEMA = "raw"
STAGING = "pg_temp.load_staging"
MARK = "loaded by govern load"
FORMATTED = {"timestamptz": "timestamp with time zone", "timestamp": "timestamp without time zone"}
FIELD, RECORD = "\x1f", "\x1e"
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def claim(connection: Connection, file: str, table: str) -> None:
    """Make schema `raw`, keep other loads off this table, and see that it is free or ours.

    Raises:
        RefusedError: something that no load made has this name.

    """
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{MARK}: {SCHEMA}.{table}",))
    if not connection.execute("select true from pg_namespace where nspname = %s", (SCHEMA,)).fetchone():
        connection.execute(b"create schema if not exists raw")
    found = connection.execute(
        """
        select relkind::text, obj_description(pg_class.oid, 'pg_class')
        from pg_class
        where relnamespace = 'raw'::regnamespace and relname = %s
        """,
        (table,),
    ).fetchone()
    if found and found != ("r", MARK):
        reason = f"{named(connection, table)} exists and no load made it. Rename the file or drop the table."
        raise RefusedError(Refusal(file, None, reason))


def named(connection: Connection, table: str) -> str:
    """Return the table's name as SQL, quoted where it must be, for people too."""
    quoted = sql.Identifier(table).as_string(connection)
    return f"{SCHEMA}.{table if re.fullmatch('[a-z_][a-z0-9_]*', table) else quoted}"


def stage(connection: Connection, columns: Sequence[str], batches: Iterator[Sequence[Sequence[str]]]) -> None:
    """Stream records into a temporary table with these column definitions, an empty field as NULL."""
    connection.execute(f"create temporary table load_staging ({', '.join(columns)}) on commit drop".encode())
    with connection.cursor().copy(f"copy {STAGING} from stdin (format text, null '')".encode()) as copy:
        for batch in batches:
            if batch:
                copy.write(copy_text(batch).encode())


def copy_text(batch: Sequence[Sequence[str]]) -> str:
    """Return records in COPY's text format; whole batches at a time, since a call per field is slow."""
    joined = RECORD.join([FIELD.join(record) for record in batch])
    fields = len(batch) * (len(batch[0]) - 1)
    if joined.count(FIELD) != fields or joined.count(RECORD) != len(batch) - 1:  # the data has these characters
        return "".join("\t".join(field.translate(ESCAPES) for field in record) + "\n" for record in batch)
    joined = joined.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return joined.replace(FIELD, "\t").replace(RECORD, "\n") + "\n"


def make(connection: Connection, file: str, table: str, staged: Sequence[StagedColumn]) -> None:
    """Turn what is staged into `raw.<table>`, typed; with unchanged columns its views and grants stay.

    Raises:
        RefusedError: the columns changed and something depends on the earlier ones.

    """
    relation = sql.Identifier(SCHEMA, table).as_string(connection)
    columns = [each.column for each in staged]
    identifiers = [sql.Identifier(column.name).as_string(connection) for column in columns]
    values = ", ".join(f"{each.value} as {identifier}" for each, identifier in zip(staged, identifiers, strict=True))
    select = f"select {values} from {STAGING}"  # noqa: S608 -- every name is quoted by psycopg
    current = current_columns(connection, table)
    if current == [(column.name, FORMATTED.get(column.data_type, column.data_type)) for column in columns]:
        connection.execute(f"truncate {relation}".encode())
        connection.execute(f"insert into {relation} ({', '.join(identifiers)}) {select}".encode())
    else:
        if current:
            drop(connection, file, table)
        connection.execute(f"create table {relation} as {select}".encode())
        connection.execute(f"comment on table {relation} is '{MARK}'".encode())
    connection.execute(f"analyze {relation}".encode())


def current_columns(connection: Connection, table: str) -> list[tuple[str, str]]:
    """Return name and type of the table's columns as they stand, none when there is no table."""
    rows = connection.execute(
        """
        select attname::text, format_type(atttypid, atttypmod)
        from pg_attribute
        join pg_class on pg_class.oid = attrelid
        where relnamespace = 'raw'::regnamespace and relname = %s and attnum > 0 and not attisdropped
        order by attnum
        """,
        (table,),
    )
    return [(name, data_type) for name, data_type in rows]


def drop(connection: Connection, file: str, table: str) -> None:
    """Drop an earlier load whose columns are no longer the file's.

    Raises:
        RefusedError: something depends on it; names what.

    """
    try:
        connection.execute(f"drop table {sql.Identifier(SCHEMA, table).as_string(connection)}".encode())
    except psycopg.errors.DependentObjectsStillExist as error:
        dependents = "; ".join((error.diag.message_detail or "").splitlines()[:5])
        reason = f"its columns are not those of the earlier load, and {dependents}. Drop those first."
        raise RefusedError(Refusal(file, None, reason)) from None
