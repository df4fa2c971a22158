"""How the rows of one relation are best purged, by measured cost.

Measured with tests/benchmarks/bench_purge.py on PostgreSQL 18, two tables of 10,000,000 rows, two cores. A purge
(matching, plan, receipts, verification) took, of the time of the best plain DELETE by a subject index, 1.6 times at
0.01 % of the rows, where its fixed costs decide (tables of its own, a wait for the disk a relation); 1.0 times at
0.1 %; 0.6 times at 1 %; 1.25 times at 10 %, and 1.8 times at 30 %, where the receipts of 300,000 subjects are entered
one relation after the other. Without an index: 1.2, 1.2, 1.0, 1.0 and 1.8 times.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp
from typing import Literal

Strategy = Literal["delete", "delete in batches", "rewrite and swap", "drop partition"]

# Seconds, of two tables of 10,000,000 rows with an index that are purged at once, on two quiet cores: fitted to what
# bench_purge.py measured from 0.01 % (0.19 s) to 30 % (34 s), rows in no order, and to a rewrite of the same tables,
# which took 1.3 times as long as deletion at 40 %. It wins from about a half on.
SECONDS_A_PURGE = 0.1
SECONDS_A_PAGE = 5e-5
SECONDS_A_ROW = 8e-6
SECONDS_A_MATCHED_ROW = 3.5e-6
SECONDS_A_RECEIPT = 2e-5
SECONDS_A_REWRITTEN_ROW = 6.2e-6
SECONDS_A_PARTITION = 0.05
PAGE_BYTES = 8192
# below, what a rewrite saves is less than what it makes loaders wait
REWRITE_FROM_ROWS = 1_000_000


@dataclass(frozen=True)
class Work:
    """What is to be done on one relation, for all reasons together.

    `whole_partitions` of its partitions lose every row, `partition_rows` of them; of `unread_partitions` the bounds say
    so. `is_ours`: nobody but this project writes the relation. `is_alone`: nothing hangs on it that another in its
    place would not have.
    """

    rows: int
    redacted: int
    subjects: int
    table_rows: int
    table_bytes: int
    batch_rows: int
    is_ours: bool
    is_alone: bool
    whole_partitions: int = 0
    partition_rows: int = 0
    unread_partitions: int = 0


@dataclass(frozen=True)
class Choice:
    """A strategy, why it was chosen, and an estimate in seconds."""

    strategy: Strategy
    reason: str
    seconds: float


def choose(work: Work) -> Choice:
    """Return the strategy that costs least, of those that keep nobody waiting."""
    if work.whole_partitions:
        return _dropping(work)  # leaves no byte behind either, however few its rows are
    possible = [_deleting(work)]
    if _may_be_rewritten(work):
        possible.append(_rewriting(work))
    cheapest, *others = sorted(possible, key=lambda choice: choice.seconds)
    beside = "".join(f"; {other.strategy} would take about {other.seconds:,.1f} s" for other in others)
    return replace(cheapest, reason=cheapest.reason + beside)


def _deleting(work: Work) -> Choice:
    seconds = _of_deleting(work, work.rows) + work.subjects * SECONDS_A_RECEIPT
    if work.rows <= work.batch_rows:
        why = f"no more than {work.batch_rows:,} rows: one transaction is short enough"
        return Choice("delete", why, seconds)
    batches = batches_of(work)
    why = f"{batches} transactions of about {work.rows // batches:,} rows, so that no loader waits for all of them"
    if _rewriting(work).seconds < seconds:
        if not work.is_ours:
            why += "; not rewritten, because loaders write to the table"
        elif not work.is_alone:
            why += "; not rewritten, because something hangs on it (a view, a policy, …)"
    return Choice("delete in batches", why, seconds)


def _dropping(work: Work) -> Choice:
    left = work.rows - work.partition_rows
    return Choice(
        "drop partition",
        f"{work.whole_partitions} partition(s) lose every row: dropping one costs no more than its lock"
        + (f"; {work.unread_partitions} by their bounds, counted and not read" if work.unread_partitions else "")
        + (f"; the other {left:,} rows are deleted" if left else ""),
        work.whole_partitions * SECONDS_A_PARTITION
        + (_of_deleting(work, left) if left else 0.0)
        + work.subjects * SECONDS_A_RECEIPT,
    )


def _may_be_rewritten(work: Work) -> bool:
    return work.is_ours and work.is_alone and not work.redacted and work.rows >= REWRITE_FROM_ROWS


def _rewriting(work: Work) -> Choice:
    share = work.rows / work.table_rows if work.table_rows else 0.0
    return Choice(
        "rewrite and swap",
        f"{share:.0%} of the rows go: writing the others anew costs less, and only this project writes the table",
        max(0, work.table_rows - work.rows) * SECONDS_A_REWRITTEN_ROW
        + work.rows * SECONDS_A_MATCHED_ROW
        + work.subjects * SECONDS_A_RECEIPT
        + SECONDS_A_PURGE,
    )


def _of_deleting(work: Work, rows: int) -> float:
    """Return seconds to find and delete rows in no order, the worst case: a few lie on a page each, many share one."""
    pages = max(1, work.table_bytes / PAGE_BYTES)
    return SECONDS_A_PURGE + pages * (1 - exp(-rows / pages)) * SECONDS_A_PAGE + rows * SECONDS_A_ROW


def batches_of(work: Work) -> int:
    """Return into how many transactions the rows are split."""
    return -(-work.rows // work.batch_rows)
