"""Plan a night's purge: run each purge model's SELECT once, into a table, and count what it names."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from graphlib import TopologicalSorter
from queue import SimpleQueue
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from privacy_governance.errors import DeclarationError, WarehouseError
from privacy_governance.purging import limits
from privacy_governance.purging.counting import counts, done_under, size_of, whole_partitions
from privacy_governance.purging.plans import Doomed, PlannedPurge, PurgePlan, digest, together
from privacy_governance.purging.strategies import Work, choose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from privacy_governance.manifest import Manifest, Model
    from privacy_governance.warehouse import Connection

LOCK_TIMEOUT = "2s"
# What the planner may take for cached: all tables are read, each once. With more, it visits by index a tenth of a
# table's rows in the order of subjects, and leaves the planned rows in it: both twice as slow as reading the table.
CACHED = "64MB"
# for the subjects that a plan counts: sorted on the disk, a third of a million of them takes longer than to match them
MEMORY = "64MB"
# what this project alone writes to; loaders and applications write to the others
OURS = ("research.", "research_previous.", "intermediate.")

REQUIRED = """
select attribute.attname from (select distinct unnest(redacted_columns) as name from {groups}) as redacted
inner join pg_attribute as attribute on redacted.name = attribute.attname
where
    attribute.attrelid = {relation}::regclass and attribute.attnotnull and attribute.attgenerated = ''
    and redacted.name <> all(%(replaced)s)
order by 1
"""

# what is computed, and something that it is computed from, where rows lose the one and keep the other
COMPUTED = """
select computed.column_name, string_agg(distinct computed.origin, ', ')
from (select distinct redacted_columns from {groups} where redacted_columns is not null) as redacted
inner join governance.computed_columns as computed
    on computed.column_name = any(redacted.redacted_columns)
    or computed.column_name || ' (generalized)' = any(redacted.redacted_columns)
where
    computed.relation_id = {relation}::regclass
    and not array[computed.origin, computed.origin || ' (generalized)'] && redacted.redacted_columns
group by computed.column_name order by 1
"""

# longer names are cut, so that one of as many bytes is the same with anything behind it
NAME_BYTES = 63
# as PostgreSQL reads it without quotes
PLAIN = re.compile(r"[^\W\dA-Z][^\WA-Z]*\.[^\W\dA-Z][^\WA-Z]*")

# planned_rows: how many rows the line names, all of a partition where it names no place. It is analyzed before it is
# read; autovacuum would come in between, and whoever comments the table waits a second for it.
MAKE = """
create unlogged table {planned} with (autovacuum_enabled = off) as
select doomed.*, 1::bigint as planned_rows, null::text as held_digest, 0 as batch from (\n{doomed}\n) as doomed
"""


def plan(connection: Connection, manifest: Manifest, *, night: str, beside: Iterable[Connection] = ()) -> PurgePlan:
    """Plan the purge of `night`, as the tombstones and holds that `connection` sees doom rows.

    Leaves a table a purge model that names rows, of the model's name, and its counts beside it; a caller who only looks
    rolls back. A relation is planned after those that its model depends on: which identifiers stand in no row any more
    is known once it is known which rows go. As many at a time as there are connections `beside`, which must see the
    same.

    A plan that a killed run left half done goes on under its own digest.

    Raises:
        WarehouseError: a relation is locked by another session; names it.
        DeclarationError: a redaction would empty a column that may not be null, or one that is computed from others
            that stay; or a model's or a relation's name can't be used. Names it and the fix.

    """
    models = [model for model in manifest.models if model.materialization == "purge"]
    _require_room_for_counts(models)
    there = {model.name for model in models if _exists(connection, str(model.config["relation"]))}
    free: SimpleQueue[Connection] = SimpleQueue()
    for each in (connection, *beside):
        _prepare(each)
        free.put(each)

    def planned(model: Model) -> list[PlannedPurge]:
        on = free.get()
        try:
            return _planned(on, manifest, model)
        finally:
            free.put(on)

    purges: list[PlannedPurge] = []
    with _asked_once(connection), ThreadPoolExecutor(max_workers=free.qsize()) as pool:
        for wave in waves(models):
            side_by_side = [model for model in wave if model.name in there]
            if len(side_by_side) == 1:
                # in one session, one after the other: what the first asks of all identifiers, the next are told
                purges += _planned(connection, manifest, side_by_side[0])
                continue
            purges += [purge for found in pool.map(planned, side_by_side) for purge in found]
    left = tuple(purge.doomed for purge in purges)
    return PurgePlan(
        night,
        tuple(sorted(purges, key=lambda each: (each.relation, each.reason))),
        _digest(connection, left, night=night),
        limits.excesses(connection, manifest, purges, night=night),
    )


def waves(models: Iterable[Model]) -> Iterator[tuple[Model, ...]]:
    """Yield models that depend on none of the others, then those that depend only on them, and so on."""
    by_name = {model.name: model for model in models}
    sorter = TopologicalSorter({name: model.depends_on & by_name.keys() for name, model in by_name.items()})
    sorter.prepare()
    while sorter.is_active():
        ready = sorter.get_ready()
        yield tuple(by_name[name] for name in ready)
        sorter.done(*ready)


def planned_table(model: Model) -> sql.Composable:
    """Return the name of the table that holds a purge model's rows."""
    return sql.SQL(model.relation)


def _groups_table(model: Model) -> sql.Composable:
    """Return the name of the table that counts them (governance.group_planned)."""
    return sql.SQL(model.relation + "_groups")


@contextmanager
def naming_locks(relation: str) -> Iterator[None]:
    """Turn a lock that another session holds into an error that names the relation.

    Raises:
        WarehouseError: the lock was not to be had in time.

    """
    try:
        yield
    except psycopg.errors.LockNotAvailable:
        raise WarehouseError(
            f"{relation} is locked by another session: nothing of it was purged or lost. Let that session end, then "
            "run the night again."
        ) from None


@contextmanager
def _asked_once(connection: Connection) -> Iterator[None]:
    """Keep at hand, while a plan is made, what it asks about every table."""
    # new tombstones are few or many: the planner has to know which
    connection.execute("analyze governance.tombstones")
    with naming_locks("intermediate.int_identifiers__tombstoned_now"):
        connection.execute("select governance.prepare_plan()")
    try:
        yield
    finally:
        # a caller's transaction that failed is rolled back, and they with it
        if connection.info.transaction_status != TransactionStatus.INERROR:
            connection.execute("select governance.clear_plan()")


def _prepare(connection: Connection) -> None:
    connection.execute(sql.SQL("set lock_timeout = {}").format(LOCK_TIMEOUT))
    connection.execute(sql.SQL("set effective_cache_size = {}").format(CACHED))
    connection.execute(sql.SQL("set work_mem = {}").format(MEMORY))
    # several relations are planned at a time: with more processes each, they only hand rows to one another
    connection.execute(
        "select set_config('max_parallel_workers_per_gather',"
        " least(current_setting('max_parallel_workers_per_gather')::int, 1)::text, false)"
    )
    # what is lost of a plan is planned anew; on the disk it is before the first batch is, which waits for itself
    connection.execute("set synchronous_commit = off")


def _planned(connection: Connection, manifest: Manifest, model: Model) -> list[PlannedPurge]:
    relation = str(model.config["relation"])
    table, groups = planned_table(model), _groups_table(model)
    with naming_locks(relation):
        # on lines of its own: a model may end in a comment
        connection.execute(sql.SQL("drop table if exists {}, {}").format(table, groups))
        connection.execute(sql.SQL(MAKE).format(planned=table, doomed=sql.SQL(model.sql)))
        connection.execute("select governance.group_planned(%s)", [model.relation])
    figures = counts(connection, groups)
    if not figures:
        connection.execute(sql.SQL("drop table {}, {}").format(table, groups))
        return []
    redacted = sum(each.redacted for each in figures)
    if redacted:
        _require_nullable(connection, manifest, relation, groups)
        _require_origins(connection, relation, groups)
    size = size_of(connection, relation)
    partitions = whole_partitions(connection, groups, size)
    choice = choose(
        Work(
            rows=sum(each.rows for each in figures),
            redacted=redacted,
            subjects=sum(each.receipts for each in figures),
            table_rows=size.rows,
            table_bytes=size.bytes,
            batch_rows=int(model.meta["batch_rows"]),
            is_ours=relation.startswith(OURS),
            is_alone=_is_alone(connection, relation),
            whole_partitions=partitions.number,
            partition_rows=partitions.rows,
            unread_partitions=partitions.unread,
        )
    )
    return [
        PlannedPurge(
            model=model.name,
            relation=relation,
            reason=each.reason,
            rows=each.rows,
            subjects=each.subjects,
            redacted=each.redacted,
            fingerprint=each.fingerprint,
            table_rows=size.rows,
            table_bytes=size.bytes,
            choice=choice,
        )
        for each in figures
    ]


def replacements(manifest: Manifest, relation: str) -> dict[str, str]:
    """Return what redaction puts into columns that may not be null, by column: column meta `redacted_as`."""
    return {
        column.name: str(column.meta["redacted_as"])
        for source in manifest.sources
        if source.relation == relation
        for column in source.columns.values()
        if column.meta.get("redacted_as") is not None
    }


def _require_nullable(connection: Connection, manifest: Manifest, relation: str, groups: sql.Composable) -> None:
    replaced = list(replacements(manifest, relation))
    rows = connection.execute(
        sql.SQL(REQUIRED).format(groups=groups, relation=sql.Literal(relation)), {"replaced": replaced}
    )
    if required := [name for (name,) in rows]:
        raise DeclarationError(
            f"an exception keeps rows of {relation} and empties {', '.join(required)}, which may not be null. Give the "
            "column a config.meta.redacted_as in its sources YAML, keep it by the exception too, or let it be null."
        )


def _require_origins(connection: Connection, relation: str, groups: sql.Composable) -> None:
    rows = connection.execute(sql.SQL(COMPUTED).format(groups=groups, relation=sql.Literal(relation))).fetchall()
    if rows:
        kept = "; ".join(f"{name}, which is computed from {origins}" for name, origins in rows)
        raise DeclarationError(
            f"redacted rows of {relation} would keep {kept}: what stays gives it away. Let both go at once: declare "
            "both personal in its sources YAML, with one retention, and name both in an exception or none of them."
        )


def _digest(connection: Connection, left: tuple[Doomed, ...], *, night: str) -> str:
    begun = connection.execute(
        "select plan_digest from governance.purge_plans where night = %s group by plan_digest order by min(planned_at)",
        [night],
    ).fetchall()
    for (earlier,) in begun:
        if digest(together(done_under(connection, earlier, night=night), left)) == earlier:
            return str(earlier)
    return digest(left)


def _require_room_for_counts(models: Iterable[Model]) -> None:
    for model in models:
        if len(model.name.encode()) >= NAME_BYTES:
            raise DeclarationError(
                f"{model.file}: {model.name} is too long a name for a purge model: PostgreSQL cuts names at "
                f"{NAME_BYTES} bytes, and its rows are counted beside it under a longer one. Take at most "
                f"{NAME_BYTES - 1} bytes."
            )


def _exists(connection: Connection, relation: str) -> bool:
    schema, _, name = relation.partition(".")
    found = connection.execute("select to_regclass(format('%%I.%%I', %s::text, %s::text)) is not null", [schema, name])
    is_there = found.fetchone() == (True,)
    if is_there and not PLAIN.fullmatch(relation):
        raise DeclarationError(
            f"{relation} has a name that must stand in quotes, and would not be purged. Rename the table in the "
            "warehouse and in its YAML: lower case, no spaces."
        )
    return is_there


def _is_alone(connection: Connection, relation: str) -> bool:
    query = sql.SQL("select governance.is_alone({}::regclass)").format(sql.Literal(relation))
    return connection.execute(query).fetchone() == (True,)
