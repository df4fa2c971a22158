"""The privacy desk's tables in `raw`, where other systems write, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import LiteralString

    from privacy_governance.warehouse import Connection


def require_table(connection: Connection, table: str, columns: Mapping[str, LiteralString]) -> None:
    """Create `raw.<table>` with these columns and their types, or add those that a former version of it lacks."""
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
