"""Make the demo's raw layer inside the warehouse, in one transaction."""

from __future__ import annotations

import datetime
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from privacy_governance import progress
from privacy_governance.errors import GovernanceError, WarehouseError
from privacy_governance.scripts import script

if TYPE_CHECKING:
    from collections.abc import Mapping

    from privacy_governance.warehouse import Connection, Warehouse

MARKER = "Demo data made by govern generate; replaced when it runs again."
# in the order of filling: tracks repeat the event tables, payments pay the orders
TABLES = (
    "users", "accounts", "identifies", "groups", "aliases", "pages", "screens",
    "signed_up", "order_completed", "feature_used", "tracks",
    "payments", "support_tickets", "call_recordings", "survey_responses", "inferred_preferences",
    "privacy_requests", "legal_holds",
)  # fmt: skip
EVENT_TABLES = (
    "identifies", "pages", "screens", "tracks", "signed_up", "order_completed", "feature_used",
)  # fmt: skip
PLANTS = ("people", "calls", "business", "register")
PLANTED = "_planted"
FEWEST_USERS = 20
MOST_USERS = 50_000_000  # beyond it the planned ids of users would no longer be tested
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True)
class GeneratedLayer:
    """What a generation wrote: rows of each table of `raw`, and how many seconds it took."""

    rows: Mapping[str, int]
    seconds: float

    @property
    def events(self) -> int:
        """Rows of all event tables together; a track call counts twice, as Segment stores it twice."""
        return sum(self.rows[table] for table in EVENT_TABLES)


def generate(warehouse: Warehouse, *, users: int, seed: int, as_of: datetime.date) -> GeneratedLayer:
    """Replace the demo's tables in `raw`; the same rows for the same arguments, about 20 events a user.

    Views over these tables (staging) go with the old ones; the next night builds them again.

    Args:
        warehouse: where to write.
        users: 20 or more; the planted people come on top.
        seed: 0 to 2^31 - 1.
        as_of: the night the layer is for; but for planted cases, every row is older than it.

    Raises:
        GovernanceError: arguments out of range.
        WarehouseError: `raw` holds a relation that was not made here; nothing was changed.

    """
    if not FEWEST_USERS <= users <= MOST_USERS:
        raise GovernanceError(f"can't generate {users} users. Ask for {FEWEST_USERS} to {MOST_USERS:,}.")
    if not 0 <= seed <= LARGEST_SEED:
        raise GovernanceError(f"can't use seed {seed}. Give a whole number from 0 to {LARGEST_SEED}.")
    started = time.monotonic()
    with warehouse.connect("generate the demo's raw layer") as connection:
        prepare(connection)
        replace_tables(connection)
        fix_moments(connection, users=users, seed=seed, as_of=as_of)
        for part in ("functions", "people"):
            connection.execute(script(__package__, part))
        for table in TABLES:
            written = connection.execute(script(__package__, f"fill/{table}")).rowcount
            progress.say("generate", f"raw.{table}: {written:,} rows")
        for part in PLANTS:
            connection.execute(script(__package__, f"plants/{part}"))
        progress.say("generate", "hard cases planted; indexing and analyzing")
        connection.execute(script(__package__, "finish"))
        rows = {table: finish_table(connection, table) for table in (*TABLES, PLANTED)}
    layer = GeneratedLayer(rows, time.monotonic() - started)
    progress.say("generate", f"{users:,} users, {layer.events:,} events in {layer.seconds:.0f} s")
    return layer


def prepare(connection: Connection) -> None:
    """Fix what the rows must not depend on, and give one big transaction the memory of one."""
    connection.execute("set local timezone = 'UTC'")
    connection.execute("set local datestyle = 'ISO'")
    connection.execute("set local work_mem = '256MB'")
    connection.execute("set local maintenance_work_mem = '512MB'")
    connection.execute("set local client_min_messages = warning")


def replace_tables(connection: Connection) -> None:
    """Drop what an earlier generation made and create the tables empty.

    Raises:
        WarehouseError: `raw` holds something else.

    """
    connection.execute("create schema if not exists raw")
    found = connection.execute(
        """
        select relname, coalesce(obj_description(oid, 'pg_class'), '')
        from pg_class
        where relnamespace = 'raw'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
        order by relname
        """
    ).fetchall()
    foreign = [str(name) for name, comment in found if comment != MARKER]
    if foreign:
        more = f" and {len(foreign) - 5} more" if len(foreign) > 5 else ""
        raise WarehouseError(
            f"schema raw holds tables that govern generate did not make: {', '.join(foreign[:5])}{more}. "
            "Move them to another schema (ALTER TABLE ... SET SCHEMA), or generate into another database."
        )
    for name, _ in found:
        connection.execute(sql.SQL("drop table raw.{} cascade").format(sql.Identifier(str(name))))
    connection.execute(script(__package__, "tables"))
    for table in (*TABLES, PLANTED):
        connection.execute(sql.SQL("comment on table raw.{} is {}").format(sql.Identifier(table), sql.Literal(MARKER)))


def fix_moments(connection: Connection, *, users: int, seed: int, as_of: datetime.date) -> None:
    """Create the session's constants: as functions, they cost nothing and need no templating of SQL."""
    night = datetime.datetime.combine(as_of, datetime.time(), datetime.UTC)
    first, border = connection.execute(
        "select %(night)s - interval '30 months', %(night)s - interval '24 months'", {"night": night}
    ).fetchone() or (night, night)
    constants = {
        "seed": ("int8", seed),
        "user_count": ("int8", users),
        "as_of_day": ("timestamptz", night),
        "first_moment": ("timestamptz", first),
        "border": ("timestamptz", border),
        "last_moment": ("timestamptz", night - datetime.timedelta(hours=12)),
    }
    statement = sql.SQL(
        "create function pg_temp.{name}() returns {kind} language sql immutable parallel safe return {value}::{kind}"
    )
    for name, (kind, value) in constants.items():
        parts = {"name": sql.Identifier(name), "kind": sql.Identifier(kind), "value": sql.Literal(value)}
        connection.execute(statement.format(**parts))


def finish_table(connection: Connection, table: str) -> int:
    """Collect the planner's statistics of one table and return its number of rows."""
    name = sql.Identifier(table)
    connection.execute(sql.SQL("analyze raw.{}").format(name))
    counted = connection.execute(sql.SQL("select count(*) from raw.{}").format(name)).fetchone()
    return int(counted[0]) if counted else 0
