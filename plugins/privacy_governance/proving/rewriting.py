"""Write relations anew, so that no file holds bytes of what was purged from them: for a maintenance window.

VACUUM makes a deleted row's place free and leaves its bytes there; only VACUUM FULL writes a file without them. It
locks out readers while it runs, so it is a command of its own and no step of a night.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from privacy_governance.errors import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from privacy_governance.warehouse import Connection, Warehouse

LOCK_TIMEOUT = "5s"
STATISTICS = "pg_catalog.pg_statistic"

# relations that lost rows since they were last written anew, biggest first
DUE = """
select format('%I.%I', nspname, relname), pg_total_relation_size(pg_class.oid)
from (
    select to_regclass(relation) as oid, max(purged_at) as purged_at
    from governance.purge_receipts
    group by relation
) as purged
inner join pg_class on purged.oid = pg_class.oid
inner join pg_namespace on relnamespace = pg_namespace.oid
where
    relkind in ('r', 'p', 'm')
    and not exists (
        select 1 from governance.rewrites
        where rewrites.relation = format('%I.%I', nspname, relname) and rewrites.rewritten_at > purged.purged_at
    )
order by 2 desc, 1
"""


@dataclass(frozen=True)
class Rewritten:
    """A relation with its bytes before and after, indexes and TOAST included; after is None in a dry run."""

    relation: str
    bytes_before: int
    bytes_after: int | None


def due(connection: Connection) -> tuple[Rewritten, ...]:
    """Return the relations that lost rows since they were last written anew."""
    return tuple(Rewritten(relation, size, None) for relation, size in connection.execute(DUE))


def rewrite(warehouse: Warehouse, relations: Iterable[str]) -> tuple[Rewritten, ...]:
    """Write each relation anew, then PostgreSQL's statistics, and note it; a relation at a time, each by itself.

    Raises:
        WarehouseError: another session holds a lock on one, or this role may not; those before it are done and noted.

    """
    done = []
    with warehouse.connect("write relations anew", autocommit=True) as connection:
        connection.execute(sql.SQL("set lock_timeout = {}").format(LOCK_TIMEOUT))
        for relation in relations:
            before = _size(connection, relation)
            _vacuum_full(connection, relation, "full, analyze")
            after = _size(connection, relation)
            connection.execute(
                "insert into governance.rewrites (relation, bytes_before, bytes_after) values (%s, %s, %s)",
                [relation, before, after],
            )
            done.append(Rewritten(relation, before, after))
        # its rows of before the ANALYZE above still name values
        before = _size(connection, STATISTICS)
        _vacuum_full(connection, STATISTICS, "full")
        connection.execute("checkpoint")  # which unlinks the files of before
        done.append(Rewritten(STATISTICS, before, _size(connection, STATISTICS)))
    return tuple(done)


def _vacuum_full(connection: Connection, relation: str, options: str) -> None:
    before = _files(connection, relation)
    try:
        connection.execute(f"vacuum ({options}) {relation}".encode())
    except psycopg.errors.LockNotAvailable:
        raise WarehouseError(
            f"{relation} could not be locked within {LOCK_TIMEOUT}: another session uses it. Run this again when "
            "loaders and readers rest; what was written anew before it stays so."
        ) from None
    if before & _files(connection, relation):
        raise WarehouseError(
            f"PostgreSQL did not write {relation} anew: this role is not its owner. Run as the owner, or a superuser: "
            f"VACUUM ({options.upper()}) {relation};"
        )


def _files(connection: Connection, relation: str) -> set[str]:
    found = connection.execute(
        "select pg_relation_filepath(relid) from pg_partition_tree(%(it)s::regclass) where isleaf"
        " union select pg_relation_filepath(%(it)s::regclass)",
        {"it": relation},
    )
    return {path for (path,) in found if path}


def _size(connection: Connection, relation: str) -> int:
    found = connection.execute(
        "select coalesce(sum(pg_total_relation_size(relid)), pg_total_relation_size(%(it)s::regclass))::bigint"
        " from pg_partition_tree(%(it)s::regclass)",
        {"it": relation},
    ).fetchone()
    return int(found[0]) if found else 0
