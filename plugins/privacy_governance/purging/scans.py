"""What it costs each night to find what is past its period, where no index on a clock answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from privacy_governance.manifest import Manifest
    from privacy_governance.warehouse import Connection

# of a table in memory or on a disk that reads ahead, one core; the order of magnitude is what matters
SECONDS_A_BYTE = 1e-9
# a smaller table is read whole by any plan
FROM_BYTES = 1_000_000

# leaves without an index that begins with the clock, and without a BRIN that has it
UNINDEXED = """
select clock.relation, clock.column_name, sum(pg_relation_size(leaf.oid))::bigint
from unnest(%s::text [], %s::text []) as clock (relation, column_name)
inner join pg_class as leaf
    on leaf.oid = to_regclass(clock.relation)
    or leaf.oid in (select relid from pg_partition_tree(to_regclass(clock.relation)))
inner join pg_attribute as attribute on leaf.oid = attribute.attrelid and clock.column_name = attribute.attname
where
    leaf.relkind <> 'p'
    and not exists (
        select from pg_index
        inner join pg_class as index on pg_index.indexrelid = index.oid
        inner join pg_am as method on index.relam = method.oid
        where
            pg_index.indrelid = leaf.oid and pg_index.indisvalid and pg_index.indpred is null
            and (
                (method.amname = 'btree' and pg_index.indkey[0] = attribute.attnum)
                or (method.amname = 'brin' and attribute.attnum = any(pg_index.indkey))
            )
    )
group by clock.relation, clock.column_name
having sum(pg_relation_size(leaf.oid)) >= %s
order by 3 desc, 1, 2
"""


@dataclass(frozen=True)
class Scan:
    """A relation of which a night reads `size` bytes for want of an index on its clock."""

    relation: str
    clock: str
    size: int

    @property
    def seconds(self) -> float:
        """About how long it takes to read."""
        return self.size * SECONDS_A_BYTE

    def __str__(self) -> str:
        """Return it as a finding: what, what it costs, and the fix."""
        return (
            f"{self.relation}: no index answers what is past its period, so that each night reads all of it "
            f"({self.size / 1e6:,.0f} MB, about {self.seconds:,.1f} s). Rows come in the order of time: create index "
            f"concurrently on {self.relation} using brin ({self.clock}); else a plain index on it."
        )


def unserved_clocks(connection: Connection, manifest: Manifest) -> tuple[Scan, ...]:
    """Return the declared clocks that no index or BRIN serves, in tables that are worth one; the largest first."""
    return unserved(
        connection,
        sorted(
            {
                (source.relation, str(clock))
                for source in manifest.sources
                for clock in (source.meta.get("clock"), *(source.meta.get("clocks") or {}).values())
                if clock
            }
        ),
    )


def unserved(connection: Connection, clocks: Iterable[tuple[str, str]]) -> tuple[Scan, ...]:
    """Return those of these (relation, clock) that no index or BRIN serves, the largest first."""
    pairs = tuple(clocks)
    rows = connection.execute(
        UNINDEXED, [[relation for relation, _ in pairs], [clock for _, clock in pairs], FROM_BYTES]
    )
    return tuple(Scan(relation, clock, int(size)) for relation, clock, size in rows)
