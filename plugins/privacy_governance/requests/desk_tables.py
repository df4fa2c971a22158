"""The privacy desk's tables in `raw`, where other systems write, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import psycopg
from psycopg import sql

from privacy_governance.errors import WarehouseError
from privacy_governance.requests.vocabulary import HOLD_COLUMNS, RAW_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import LiteralString

    from privacy_governance.warehouse import Connection

# whoever writes to the table meanwhile waits behind who waits for it
LOCK_TIMEOUT = "2s"

TABLES: Final[Mapping[str, Mapping[str, LiteralString]]] = {
    "privacy_requests": RAW_COLUMNS,
    "legal_holds": HOLD_COLUMNS,
}


def complete_tables(connection: Connection) -> None:
    """Add to those of the desk's tables that are there the columns that a former version of them lacks.

    Raises:
        WarehouseError: a column is lacking and can't be added; says who can, and how. Or the table is locked.

    """
    for table in TABLES:
        found = connection.execute("select to_regclass(%s) is not null", [f"raw.{table}"]).fetchone()
        if found == (True,):
            _add_missing_columns(connection, table)


def require_table(connection: Connection, table: str) -> None:
    """Create one of the desk's tables, or add the columns that a former version of it lacks.

    Raises:
        WarehouseError: a column is lacking and can't be added; says who can, and how. Or the table is locked.

    """
    connection.execute("set local client_min_messages = warning")  # "already exists, skipping" is no news
    connection.execute("create schema if not exists raw")
    connection.execute(
        sql.SQL("create table if not exists {} ({})").format(
            sql.Identifier("raw", table),
            sql.SQL(", ").join(_typed(name, kind) for name, kind in TABLES[table].items()),
        )
    )
    _add_missing_columns(connection, table)


def _add_missing_columns(connection: Connection, table: str) -> None:
    present = {
        name
        for (name,) in connection.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped",
            [f"raw.{table}"],
        )
    }
    missing = [_typed(name, kind) for name, kind in TABLES[table].items() if name not in present]
    if not missing:
        return
    add = sql.SQL("alter table {} {}").format(
        sql.Identifier("raw", table),
        sql.SQL(", ").join(sql.SQL("add column {}").format(column) for column in missing),
    )
    try:
        with connection.transaction():
            connection.execute(sql.SQL("set local lock_timeout = {}").format(LOCK_TIMEOUT))
            connection.execute(add)
    except psycopg.errors.LockNotAvailable:
        raise WarehouseError(
            f"raw.{table} lacks columns that this version reads, and is locked by another session: nothing was "
            "changed. Let that session end, then run it again."
        ) from None
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.WrongObjectType):
        raise WarehouseError(
            f"raw.{table} lacks columns that this version reads, and is a view or another role's. Let its owner give "
            f"them to it, as by: {add.as_string()}"
        ) from None


def _typed(name: str, kind: LiteralString) -> sql.Composed:
    return sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
