"""The privacy desk's tables in `raw`, where other systems write, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from psycopg import sql

from privacy_governance.requests.vocabulary import HOLD_COLUMNS, RAW_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import LiteralString

    from privacy_governance.warehouse import Connection


TABLES: Final[Mapping[str, Mapping[str, LiteralString]]] = {
    "privacy_requests": RAW_COLUMNS,
    "legal_holds": HOLD_COLUMNS,
}


def complete_tables(connection: Connection) -> None:
    """Add to those of the desk's tables that are there the columns that a former version of them lacks."""
    for table in TABLES:
        found = connection.execute("select to_regclass(%s) is not null", [f"raw.{table}"]).fetchone()
        if found == (True,):
            require_table(connection, table)


def require_table(connection: Connection, table: str) -> None:
    """Create one of the desk's tables, or add the columns that a former version of it lacks."""
    columns = TABLES[table]
    relation = sql.Identifier("raw", table)
    typed = {name: sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in columns.items()}
    connection.execute("set local client_min_messages = warning")  # "already exists, skipping" is no news
    connection.execute("create schema if not exists raw")
    whole = sql.SQL("create table if not exists {} ({})").format(relation, sql.SQL(", ").join(typed.values()))
    connection.execute(whole)
    present = {
        name
        for (name,) in connection.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped",
            [relation.as_string()],
        )
    }
    for name, column in typed.items():
        if name not in present:
            connection.execute(sql.SQL("alter table {} add column {}").format(relation, column))
