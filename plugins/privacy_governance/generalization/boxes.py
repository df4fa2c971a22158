"""Boxes: the lowest and the highest leaf of a class in each column, and what showing them costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from privacy_governance.generalization.hierarchies import Hierarchy
    from privacy_governance.generalization.histogram import Histogram


@dataclass(frozen=True, eq=False)
class Boxes:
    """Leaf positions of each class (a row) in each column; both ends are inclusive."""

    lowest: NDArray[np.int64]
    highest: NDArray[np.int64]


def boxes_around(histogram: Histogram, class_of: NDArray[np.int64]) -> Boxes:
    """Return the box of each class; class numbers are dense, combinations with a negative one are in none."""
    order = np.argsort(class_of, kind="stable")
    order = order[np.searchsorted(class_of[order], 0) :]
    classes = class_of[order]
    starts = np.flatnonzero(np.r_[True, classes[1:] != classes[:-1]]) if len(order) else order
    ends = [
        (np.minimum.reduceat(leaf[order], starts), np.maximum.reduceat(leaf[order], starts))
        if len(order)
        else (order,) * 2
        for leaf in histogram.columns
    ]
    return Boxes(np.stack([low for low, _ in ends], axis=1), np.stack([high for _, high in ends], axis=1))


def cost(hierarchies: Sequence[Hierarchy], boxes: Boxes, *, ranges: bool) -> NDArray[np.float64]:
    """Return the granularity loss of a row in each box, summed over the columns."""
    found = np.zeros(len(boxes.lowest))
    for column, hierarchy in enumerate(hierarchies):
        found += cost_in(hierarchy, boxes.lowest[:, column], boxes.highest[:, column], ranges=ranges)
    return found


def cost_in(
    hierarchy: Hierarchy, lowest: NDArray[np.int64], highest: NDArray[np.int64], *, ranges: bool
) -> NDArray[np.float64]:
    """Return the granularity loss of showing leaves from `lowest` to `highest` of one column."""
    if ranges and hierarchy.is_ordered:
        return np.where(highest > lowest, (highest - lowest + 1) / len(hierarchy.leaves), 0.0)
    found: NDArray[np.float64] = hierarchy.loss[-1, lowest]
    for level, loss in zip(hierarchy.levels[-2::-1], hierarchy.loss[-2::-1], strict=True):
        found = np.where(level.node_of[lowest] == level.node_of[highest], loss[lowest], found)
    return found


class Widened:
    """What each class costs in each column once it also holds a leaf: a table a column, a row a leaf, a column a class.

    Only for the leaves of the combinations that are still to be placed. A class that grows is counted anew.
    """

    def __init__(self, histogram: Histogram, boxes: Boxes, rest: NDArray[np.int64], *, ranges: bool) -> None:
        self._hierarchies, self._boxes, self._ranges = histogram.hierarchies, boxes, ranges
        self._leaves: list[NDArray[np.int64]] = []
        self._tables: list[NDArray[np.float64]] = []
        for column, (hierarchy, leaf) in enumerate(zip(histogram.hierarchies, histogram.columns, strict=True)):
            leaves = np.unique(leaf[rest])
            low, high = boxes.lowest[:, column], boxes.highest[:, column]
            table = np.empty((len(leaves), len(low)))
            for row, one in enumerate(leaves.tolist()):
                table[row] = cost_in(hierarchy, np.minimum(low, one), np.maximum(high, one), ranges=ranges)
            self._leaves.append(leaves)
            self._tables.append(table)

    def cost(self, leaves: Sequence[int]) -> NDArray[np.float64]:
        """Return what a row of each class costs once it also holds a combination with these `leaves`."""
        rows = [int(np.searchsorted(known, leaf)) for known, leaf in zip(self._leaves, leaves, strict=True)]
        found = np.zeros(len(self._boxes.lowest))
        for table, row in zip(self._tables, rows, strict=True):
            found += table[row]
        return found

    def grow(self, number: int, leaves: Sequence[int]) -> None:
        """Let class `number` hold a combination with these `leaves`."""
        for column, leaf in enumerate(leaves):
            low, high = self._boxes.lowest[number, column], self._boxes.highest[number, column]
            if low <= leaf <= high:
                continue
            low, high = min(low, leaf), max(high, leaf)
            self._boxes.lowest[number, column], self._boxes.highest[number, column] = low, high
            known = self._leaves[column]
            self._tables[column][:, number] = cost_in(
                self._hierarchies[column], np.minimum(known, low), np.maximum(known, high), ranges=self._ranges
            )
