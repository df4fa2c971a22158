"""Count what a plan names, what receipts say is done of it, and how large the tables are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import sql

from privacy_governance.purging.plans import Doomed

if TYPE_CHECKING:
    from privacy_governance.warehouse import Connection

# Whom, by which request, what: the same text for a planned row and for a receipt of it. Sums of hashes tell what is
# left of a plan from what a receipt covers already, without a row for each.
FINGERPRINT = sql.SQL("""hashtextextended(concat_ws(
    ' ', coalesce(subject_token, ''), coalesce(request_id, ''), coalesce(array_to_string(redacted_columns, ' '), '')
), 0)::numeric""")

# by subjects first, which are hashed: count(distinct …) sorts them
COUNT = """
select
    reason,
    sum(planned_rows)::bigint,
    count(subject_token)::bigint,
    sum(redacted_rows)::bigint,
    sum(fingerprint)::text,
    sum(receipts)::bigint
from (
    select
        reason,
        subject_token,
        sum(planned_rows)::bigint as planned_rows,
        coalesce(sum(planned_rows) filter (where redacted_columns is not null), 0)::bigint as redacted_rows,
        sum(planned_rows * {fingerprint}) as fingerprint,
        count(*) as receipts
    from {groups}
    group by reason, subject_token
) as subjects
group by reason
order by reason
"""

RECEIPTS = """
select relation, reason, sum(purged_rows)::bigint, sum(purged_rows * {fingerprint})::text
from governance.purge_receipts
where night = %(night)s and plan_digest = %(digest)s
group by relation, reason
"""

# rows as the planner would guess them: density at the last ANALYZE, size as it is now
SIZE = """
select
    coalesce(sum(case when leaf.relpages > 0 then
        leaf.reltuples / leaf.relpages * (pg_relation_size(leaf.oid) / current_setting('block_size')::int)
    end), 0)::bigint,
    coalesce(sum(pg_table_size(leaf.oid)), 0)::bigint,
    coalesce(bool_or(leaf.relpages = 0 and pg_relation_size(leaf.oid) > 0), false),
    count(*)
from pg_class as leaf
where
    leaf.relkind <> 'p'
    and (leaf.oid = %(relation)s::regclass or leaf.oid in (select relid from pg_partition_tree(%(relation)s)))
"""

# Partitions that their bounds put past their period, and those of which as many rows are planned as they have, by the
# planner's guess (see SIZE). One that was never analyzed, or when it was empty, could have any number.
WHOLE_PARTITIONS = """
select count(*), coalesce(sum(planned.counted), 0)::bigint, count(*) filter (where planned.is_unread)
from (
    select relation_id, is_whole as is_unread, sum(planned_rows) as counted
    from {groups} where redacted_columns is null group by relation_id, is_whole
) as planned
inner join pg_class as leaf on planned.relation_id = leaf.oid
where
    planned.is_unread
    or (
        leaf.relispartition and leaf.relkind <> 'p' and leaf.relpages > 0 and planned.counted >= 0.99 * leaf.reltuples
        / leaf.relpages * (pg_relation_size(leaf.oid) / current_setting('block_size')::int)
        and governance.is_droppable(leaf.oid)
    )
"""


@dataclass(frozen=True)
class Counts:
    """What a planned table names for one reason; `redacted` of its `rows` lose columns only."""

    reason: str
    rows: int
    subjects: int
    redacted: int
    fingerprint: int
    receipts: int


@dataclass(frozen=True)
class Size:
    """How large a relation is: rows (an estimate, a count where there is none to be had), bytes with TOAST, leaves."""

    rows: int
    bytes: int
    leaves: int


@dataclass(frozen=True)
class Partitions:
    """Partitions of which every row is planned, the rows in them, and how many of them no plan has to read."""

    number: int
    rows: int
    unread: int


def counts(connection: Connection, groups: sql.Composable) -> list[Counts]:
    """Return what the counts beside a planned table (governance.group_planned) come to, by reason."""
    rows = connection.execute(sql.SQL(COUNT).format(groups=groups, fingerprint=FINGERPRINT))
    return [
        Counts(reason, planned, subjects, redacted, int(text), receipts)
        for reason, planned, subjects, redacted, text, receipts in rows
    ]


def done_under(connection: Connection, plan_digest: str, *, night: str) -> tuple[Doomed, ...]:
    """Return what tonight's receipts say was purged under a plan."""
    rows = connection.execute(
        sql.SQL(RECEIPTS).format(fingerprint=FINGERPRINT), {"night": night, "digest": plan_digest}
    )
    return tuple(Doomed(relation, reason, count, int(fingerprint)) for relation, reason, count, fingerprint in rows)


def size_of(connection: Connection, relation: str) -> Size:
    """Return how large a relation is with all its partitions."""
    rows, size, is_unknown, leaves = _row(connection, sql.SQL(SIZE), {"relation": relation})
    if is_unknown:
        (rows,) = _row(connection, sql.SQL("select count(*) from {}").format(sql.SQL(relation)))
    return Size(rows, size, leaves)


def whole_partitions(connection: Connection, groups: sql.Composable, size: Size) -> Partitions:
    """Return which partitions of a planned relation could be dropped instead of emptied."""
    if size.leaves <= 1:
        return Partitions(0, 0, 0)
    return Partitions(*_row(connection, sql.SQL(WHOLE_PARTITIONS).format(groups=groups)))


def _row(
    connection: Connection, query: sql.SQL | sql.Composed, parameters: dict[str, Any] | None = None
) -> tuple[Any, ...]:
    (row,) = connection.execute(query, parameters)  # an aggregate answers with one row
    return tuple(row)
