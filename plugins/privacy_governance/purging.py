"""What a purge would do and what it did; the deleting itself is dbt's `purge` materialization."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from privacy_governance.manifest import Manifest
    from privacy_governance.warehouse import Connection


@dataclass(frozen=True)
class Purged:
    """Counts of one night's receipts."""

    rows: int
    relations: int
    subjects: int


@dataclass(frozen=True)
class PlannedPurge:
    """What a night would delete from one relation for one reason."""

    relation: str
    reason: str
    rows: int
    subjects: int


@dataclass(frozen=True)
class PurgePlan:
    """What a night would delete, and a digest that changes when any of it does."""

    night: str
    purges: tuple[PlannedPurge, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the plan, 64 hexadecimal digits."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def plan(connection: Connection, manifest: Manifest, *, night: str) -> PurgePlan:
    """Count the doomed rows of every purge model, as the tombstones of `connection`'s transaction doom them."""
    purges = []
    for model in manifest.models:
        if model.materialization != "purge":
            continue
        rows = connection.execute(
            sql.SQL(
                "select reason, count(*), count(distinct subject_token) from ({}) as doomed group by reason order by 1"
            ).format(sql.SQL(model.sql))
        )
        relation = str(model.config["relation"])
        purges += [PlannedPurge(relation, reason, count, subjects) for reason, count, subjects in rows]
    return PurgePlan(night, tuple(sorted(purges, key=lambda each: (each.relation, each.reason))))


def purged(connection: Connection, *, night: str) -> Purged:
    """Sum the receipts of `night`."""
    rows, relations, subjects = connection.execute(
        "select coalesce(sum(purged_rows), 0)::bigint, count(distinct relation), count(distinct subject_token)"
        " from governance.purge_receipts where night = %s",
        [night],
    ).fetchone() or (0, 0, 0)
    return Purged(rows, relations, subjects)
