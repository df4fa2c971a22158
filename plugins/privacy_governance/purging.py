"""What a night's purge did, read from its receipts; the deleting itself is dbt's `purge` materialization."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from privacy_governance.warehouse import Connection


@dataclass(frozen=True)
class Purged:
    """Counts of one night's receipts."""

    rows: int
    relations: int
    subjects: int


def purged(connection: Connection, *, night: str) -> Purged:
    """Sum the receipts of `night`."""
    rows, relations, subjects = connection.execute(
        "select coalesce(sum(purged_rows), 0)::bigint, count(distinct relation), count(distinct subject_token)"
        " from governance.purge_receipts where night = %s",
        [night],
    ).fetchone() or (0, 0, 0)
    return Purged(rows, relations, subjects)
