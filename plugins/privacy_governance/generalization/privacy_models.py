"""k-anonymity, l-diversity and t-closeness of groups of rows, from counts.

k: a group has at least k rows (Sweeney 2002). l: at least l distinct values of each sensitive column (distinct
l-diversity, Machanavajjhala et al. 2007). t: the earth mover's distance between the values of a group and those of all
published rows is at most t (Li et al. 2007), with equal distance for text, ordered distance for numbers and days.

l and t look at sensitive values to decide how wide a class is. Who knows everybody's quasi-identifiers and replays the
search learns from a width that a narrower class failed (minimality, Wong et al. 2007); k alone gives nothing away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from privacy_governance.errors import AnonymizationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from privacy_governance.generalization.histogram import Histogram, SensitiveCounts

# distances are sums of floats: a group at t itself must not fail by the last bit
ROUNDING = 1e-9
# cells of a table of groups and values at a time: memory stays bounded for sensitive columns with many values
CELLS_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Privacy:
    """What every published group must hold."""

    k: int
    l: int | None = None  # noqa: E741 -- the literature's name
    t: float | None = None

    def __post_init__(self) -> None:
        """Refuse values that mean nothing."""
        if self.k < 1 or (self.l is not None and self.l < 1) or (self.t is not None and not 0 <= self.t <= 1):
            raise AnonymizationError("k and l are whole numbers from 1 on, t is between 0 and 1. Choose others.")


def diverse(histogram: Histogram, of: NDArray[np.int64], groups: int, l: int | None) -> NDArray[np.bool_]:  # noqa: E741
    """Return which groups have `l` distinct values of each sensitive column; any union of such groups has them too."""
    holds = np.ones(groups, dtype=np.bool_)
    for sensitive in histogram.sensitive:
        if l is not None and l > 1:
            holds &= distinct_values(sensitive, of, groups) >= l
    return holds


def distinct_values(sensitive: SensitiveCounts, of: NDArray[np.int64], groups: int) -> NDArray[np.int64]:
    """Return the number of distinct sensitive values in each group; combinations with a negative group are left out."""
    found = np.zeros(groups, dtype=np.int64)
    for numbers, table in _tables(sensitive, of, groups):
        found[numbers] = np.count_nonzero(table, axis=1)
    return found


def distances(
    sensitive: SensitiveCounts, of: NDArray[np.int64], groups: int, reference: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return each group's earth mover's distance from the shares `reference`; 0 for a group without rows."""
    found = np.zeros(groups)
    for numbers, counts in _tables(sensitive, of, groups):
        rows = counts.sum(axis=1, keepdims=True)
        apart = np.where(rows > 0, counts / np.maximum(rows, 1) - reference, 0.0)
        if sensitive.is_ordered:
            found[numbers] = np.abs(np.cumsum(apart, axis=1)).sum(axis=1) / max(1, sensitive.values - 1)
        else:
            found[numbers] = np.abs(apart).sum(axis=1) / 2
    return found


def shares(sensitive: SensitiveCounts, kept: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
    """Return the share of each sensitive value among the rows of the combinations `kept` (all when left out)."""
    rows = sensitive.rows if kept is None else sensitive.rows * kept[sensitive.combination]
    counts = np.bincount(sensitive.value, weights=rows, minlength=sensitive.values)
    found: NDArray[np.float64] = counts / max(1.0, counts.sum())
    return found


def close(
    histogram: Histogram,
    of: NDArray[np.int64],
    groups: int,
    t: float | None,
    references: Sequence[NDArray[np.float64]] | None = None,
) -> NDArray[np.bool_]:
    """Return which groups are within `t` of `references`, an array of shares a sensitive column.

    Left out, `references` are the shares among the combinations whose group isn't negative.
    """
    holds = np.ones(groups, dtype=np.bool_)
    for number, sensitive in enumerate(histogram.sensitive):
        if t is None:
            break
        reference = shares(sensitive, of >= 0) if references is None else references[number]
        holds &= distances(sensitive, of, groups, reference) <= t + ROUNDING
    return holds


def _tables(
    sensitive: SensitiveCounts, of: NDArray[np.int64], groups: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Yield group numbers and their table of rows by value, some groups at a time."""
    group = of[sensitive.combination]
    inside = group >= 0
    if groups * sensitive.values <= CELLS_AT_ONCE:
        pairs = group[inside] * sensitive.values + sensitive.value[inside]
        table = np.bincount(pairs, weights=sensitive.rows[inside], minlength=groups * sensitive.values)
        yield np.arange(groups), table.astype(np.float64).reshape(groups, sensitive.values)
        return
    order = np.flatnonzero(inside)[np.argsort(group[inside], kind="stable")]
    group, value, rows = group[order], sensitive.value[order], sensitive.rows[order]
    step = max(1, CELLS_AT_ONCE // sensitive.values)
    for start in range(0, groups, step):
        numbers = np.arange(start, min(start + step, groups))
        first, last = np.searchsorted(group, [numbers[0], numbers[-1] + 1])
        pairs = (group[first:last] - start) * sensitive.values + value[first:last]
        table = np.bincount(pairs, weights=rows[first:last], minlength=len(numbers) * sensitive.values)
        yield numbers, table.astype(np.float64).reshape(len(numbers), sensitive.values)
