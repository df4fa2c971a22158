"""What a recoding decided: the published class of each combination, and what the class's cells show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from privacy_governance.generalization.hierarchies import ANYTHING
from privacy_governance.generalization.histogram import group

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from privacy_governance.generalization.hierarchies import Hierarchy
    from privacy_governance.generalization.histogram import Histogram

LEFT_OUT = -1


@dataclass(frozen=True, eq=False)
class Values:
    """The published values of one column: label, leaves from `first` to `last`, granularity loss."""

    labels: tuple[str, ...]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    loss: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Recoding:
    """`class_of[i]` is the class of combination `i`, or -1 where its rows are left out.

    `cells[c, j]` is the number, in `values[j]`, of what class `c` shows in column `j`. No two classes show the same.
    """

    class_of: NDArray[np.int64]
    cells: NDArray[np.int64]
    values: tuple[Values, ...]

    @cached_property
    def kept(self) -> NDArray[np.bool_]:
        """Which combinations are published."""
        return self.class_of >= 0

    def class_rows(self, histogram: Histogram) -> NDArray[np.int64]:
        """Return the number of rows of each class."""
        kept = self.kept
        rows = np.bincount(self.class_of[kept], weights=histogram.rows[kept], minlength=len(self.cells))
        return rows.astype(np.int64)


def loss_of(histogram: Histogram, recoding: Recoding) -> float:
    """Return the granularity loss: the mean over all cells of the source, 1 for each cell of a row left out."""
    rows = recoding.class_rows(histogram)
    return granularity_loss(recoding.cells, recoding.values, rows, histogram.total - int(rows.sum()))


def granularity_loss(
    cells: NDArray[np.int64], values: Sequence[Values], rows: NDArray[np.int64], left_out: int
) -> float:
    """Return the granularity loss of classes of `rows` that show `cells`, beside `left_out` rows that show nothing."""
    shown = sum(float(each.loss[cells[:, column]] @ rows) for column, each in enumerate(values))
    return (shown / len(values) + left_out) / (int(rows.sum()) + left_out)


def recode_at(histogram: Histogram, levels: Sequence[int], kept: NDArray[np.bool_]) -> Recoding:
    """Return the recoding that shows every column at its one level, of the combinations `kept`."""
    values = tuple(_values_of(hierarchy, level) for hierarchy, level in zip(histogram.hierarchies, levels, strict=True))
    nodes = np.stack([histogram.node[column][level] for column, level in enumerate(levels)], axis=1)
    return distinct_classes(nodes, kept, values)


def distinct_classes(cells_of: NDArray[np.int64], kept: NDArray[np.bool_], values: tuple[Values, ...]) -> Recoding:
    """Return the recoding whose classes are the distinct rows of `cells_of`, a row a combination."""
    class_of = np.full(len(kept), LEFT_OUT, dtype=np.int64)
    cells = np.zeros((0, len(values)), dtype=np.int64)
    if kept.any():
        shown = cells_of[kept]
        groups = group(list(shown.T), [len(each.labels) for each in values], np.ones(len(shown), dtype=np.int64))
        class_of[kept] = groups.of
        cells = shown[groups.order[groups.starts]]
    return Recoding(class_of, cells, values)


def _values_of(hierarchy: Hierarchy, level: int) -> Values:
    at = hierarchy.levels[level]
    return Values(at.labels, at.first, at.last, hierarchy.loss[level, at.first])


def values_of_boxes(
    hierarchy: Hierarchy, lowest: NDArray[np.int64], highest: NDArray[np.int64], *, ranges: bool
) -> tuple[Values, NDArray[np.int64]]:
    """Return what is shown for leaves that lie between `lowest` and `highest`, and the number of each one's value.

    That is the lowest node over both; or, with `ranges` on an ordered hierarchy, the range itself (`34..38`).
    """
    leaves = len(hierarchy.leaves)
    if not (ranges and hierarchy.is_ordered):
        lowest, highest = node_over(hierarchy, lowest, highest)
    pairs, number = np.unique(lowest * leaves + highest, return_inverse=True)
    first, last = pairs // leaves, pairs % leaves
    width = last - first + 1
    labels: dict[tuple[int, int], str] = {}
    for level in reversed(hierarchy.levels):  # the lowest level that has a node of these leaves names it
        ends = zip(level.first.tolist(), level.last.tolist(), strict=True)
        labels.update(zip(ends, level.labels, strict=True))
    if ranges and hierarchy.is_ordered:
        labels = {(at, at): leaf for at, leaf in enumerate(hierarchy.leaves)}
        labels[0, leaves - 1] = ANYTHING if leaves > 1 else hierarchy.leaves[0]
    named = tuple(
        labels.get((one, other)) or f"{hierarchy.leaves[one]}..{hierarchy.leaves[other]}"
        for one, other in zip(first.tolist(), last.tolist(), strict=True)
    )
    return Values(named, first, last, np.where(width > 1, width / leaves, 0.0)), number.reshape(-1)


def node_over(
    hierarchy: Hierarchy, lowest: NDArray[np.int64], highest: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and last leaf of the lowest node that is over both leaves."""
    first, last = lowest.copy(), highest.copy()
    open_ = lowest != highest
    for level in hierarchy.levels[1:]:
        node = level.node_of[lowest]
        reached = open_ & (node == level.node_of[highest])
        first[reached], last[reached] = level.first[node[reached]], level.last[node[reached]]
        open_ &= ~reached
    return first, last
