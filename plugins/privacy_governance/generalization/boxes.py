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
        low, high = boxes.lowest[:, column], boxes.highest[:, column]
        if ranges and hierarchy.is_ordered:
            found += np.where(high > low, (high - low + 1) / len(hierarchy.leaves), 0.0)
            continue
        of_column = hierarchy.loss[-1, low]
        for level, loss in zip(hierarchy.levels[-2::-1], hierarchy.loss[-2::-1], strict=True):
            of_column = np.where(level.node_of[low] == level.node_of[high], loss[low], of_column)
        found += of_column
    return found
