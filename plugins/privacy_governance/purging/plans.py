"""What a night is about to purge: counts a relation and a reason, how, and a digest of whom and what."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from privacy_governance.purging.scans import Scan
    from privacy_governance.purging.strategies import Choice


@dataclass(frozen=True, order=True)
class Doomed:
    """Rows of one relation, doomed for one reason; `fingerprint` sums a hash a row: of whom, by which request, what."""

    relation: str
    reason: str
    rows: int
    fingerprint: int


@dataclass(frozen=True)
class PlannedPurge:
    """What a night would purge from one relation for one reason; `redacted` of the rows stay, with columns emptied."""

    model: str
    relation: str
    reason: str
    rows: int
    subjects: int
    redacted: int
    fingerprint: int
    table_rows: int
    table_bytes: int
    choice: Choice

    @property
    def share(self) -> float:
        """Of the relation's rows, 0 to 1."""
        return self.rows / self.table_rows if self.table_rows else 0.0

    @property
    def purged_bytes(self) -> int:
        """Bytes of the table that the rows take, about: as many as its average row."""
        return round(self.share * self.table_bytes)

    @property
    def doomed(self) -> Doomed:
        """What the digest covers."""
        return Doomed(self.relation, self.reason, self.rows, self.fingerprint)


@dataclass(frozen=True)
class Excess:
    """A relation of which a night would purge more rows than its limit; `rows` counts what tonight purged before."""

    relation: str
    rows: int
    table_rows: int
    limit: int

    def __str__(self) -> str:
        """Return it as a finding: relation, rows, share and limit."""
        share = self.rows / self.table_rows if self.table_rows else 1.0
        return f"{self.relation}: {self.rows:,} of {self.table_rows:,} rows ({share:.1%}; at most {self.limit:,})"


@dataclass(frozen=True)
class PurgePlan:
    """What a night would purge. `digest` is that of the plan it goes on with, where a killed run left part of one.

    `scans`: tables that are read whole to find what is past its period; a dry run looks for them, a night does not.
    """

    night: str
    purges: tuple[PlannedPurge, ...]
    digest: str
    excesses: tuple[Excess, ...] = ()
    scans: tuple[Scan, ...] = ()

    @property
    def rows(self) -> int:
        """Rows of all relations."""
        return sum(purge.rows for purge in self.purges)


@dataclass(frozen=True)
class Purged:
    """Counts of one night's receipts."""

    rows: int
    relations: int
    subjects: int


def digest(doomed: Iterable[Doomed]) -> str:
    """Return the SHA-256 of a plan, 64 hexadecimal digits: it changes when anybody in it, or what they lose, does.

    Rows that end by retention name nobody, in a plan as in a receipt: of those it covers how many there are. The night
    is no part of it: the same rows on the next night are the same plan.
    """
    covered = [[each.relation, each.reason, each.rows, str(each.fingerprint)] for each in sorted(doomed) if each.rows]
    return hashlib.sha256(json.dumps(covered).encode()).hexdigest()


def together(*parts: Iterable[Doomed]) -> tuple[Doomed, ...]:
    """Return the sum of what is done and what is left: counts and fingerprints of a relation and reason add up."""
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for part in parts:
        for each in part:
            rows, fingerprint = sums.get((each.relation, each.reason), (0, 0))
            sums[each.relation, each.reason] = (rows + each.rows, fingerprint + each.fingerprint)
    return tuple(Doomed(*key, *value) for key, value in sorted(sums.items()))


def changes(before: Iterable[tuple[str, str, int]], after: Iterable[Doomed]) -> tuple[str, ...]:
    """Say where two plans differ: (relation, reason, rows) that were planned, and what is doomed now."""
    planned = {(relation, reason): rows for relation, reason, rows in before}
    now = {(each.relation, each.reason): each.rows for each in after}
    return tuple(
        f"{relation} ({reason}): {planned.get((relation, reason), 0):,} rows then, "
        f"{now.get((relation, reason), 0):,} now"
        for relation, reason in sorted(planned.keys() | now.keys())
        if planned.get((relation, reason), 0) != now.get((relation, reason), 0)
    )
