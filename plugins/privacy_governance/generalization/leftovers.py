"""Combinations that found no class of their own join one that has been formed, where they cost least."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from privacy_governance.generalization.boxes import Boxes, Widened, boxes_around, cost
from privacy_governance.generalization.privacy_models import close, shares
from privacy_governance.generalization.recoded import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from privacy_governance.generalization.histogram import Histogram
    from privacy_governance.generalization.privacy_models import Privacy

# of the classes, cheapest first, how many are tried for one that stays within t
CLASSES_TRIED = 24


def place(histogram: Histogram, privacy: Privacy, class_of: NDArray[np.int64], *, ranges: bool) -> NDArray[np.int64]:
    """Return `class_of` with a class for all; without any class, one that holds everything.

    A class keeps k and l when more join it. Where no near class stays within t, the nearest ones are merged, as many as
    it takes: all of them at worst, which is the table itself, at distance 0.
    """
    placed = class_of.copy()
    rest = np.flatnonzero(placed == LEFT_OUT)
    if not len(rest):
        return placed
    if len(rest) == len(placed):
        return np.zeros(len(placed), dtype=np.int64)
    references = [shares(sensitive) for sensitive in histogram.sensitive]
    boxes = boxes_around(histogram, placed)
    rows = np.bincount(placed[placed >= 0], weights=histogram.rows[placed >= 0])
    per_row = cost(histogram.hierarchies, boxes, ranges=ranges)
    widened = Widened(histogram, boxes, rest, ranges=ranges)
    gone = np.zeros(len(rows), dtype=np.bool_)  # merged into another
    for combination in rest[np.argsort(-histogram.rows[rest], kind="stable")].tolist():
        leaves = [int(leaf[combination]) for leaf in histogram.columns]
        added = (rows + histogram.rows[combination]) * widened.cost(leaves) - rows * per_row
        added[gone] = np.inf
        joined = _first_that_stays_close(histogram, placed, combination, added, (privacy.t, references))
        if joined is None:
            near = np.argsort(added, kind="stable")[: int((~gone).sum())]
            merged = near[: _how_many_hold_together(histogram, placed, combination, near, (privacy.t, references))]
            joined = int(merged[0])
            placed[np.isin(placed, merged)] = joined
            widened.grow(joined, boxes.lowest[merged].min(axis=0).tolist())
            widened.grow(joined, boxes.highest[merged].max(axis=0).tolist())
            rows[joined] = rows[merged].sum()
            gone[merged[1:]] = True
        placed[combination] = joined
        widened.grow(joined, leaves)
        rows[joined] += histogram.rows[combination]
        box = Boxes(boxes.lowest[[joined]], boxes.highest[[joined]])
        per_row[joined] = cost(histogram.hierarchies, box, ranges=ranges)[0]
    return np.unique(placed, return_inverse=True)[1].reshape(-1)


def _first_that_stays_close(
    histogram: Histogram,
    placed: NDArray[np.int64],
    combination: int,
    added: NDArray[np.float64],
    closeness: tuple[float | None, Sequence[NDArray[np.float64]]],
) -> int | None:
    """Return the class that costs least to join and is within t of the references, of those tried; None without one."""
    t, references = closeness
    if t is None:
        return int(np.argmin(added))
    near = (
        np.argpartition(added, CLASSES_TRIED)[:CLASSES_TRIED] if len(added) > CLASSES_TRIED else np.arange(len(added))
    )
    for candidate in near[np.argsort(added[near], kind="stable")].tolist():
        of = np.where(placed == candidate, 0, LEFT_OUT)
        of[combination] = 0
        if close(histogram, of, 1, t, references)[0]:
            return int(candidate)
    return None


def _how_many_hold_together(
    histogram: Histogram,
    placed: NDArray[np.int64],
    combination: int,
    near: NDArray[np.int64],
    closeness: tuple[float | None, Sequence[NDArray[np.float64]]],
) -> int:
    """Return how many of the classes `near`, from the first, are within t together with the combination."""
    rank = np.full(int(placed.max()) + 1, len(near), dtype=np.int64)
    rank[near] = np.arange(len(near))
    merged = 2
    while merged < len(near):
        joins = (placed >= 0) & (rank[placed] < merged)
        joins[combination] = True
        if close(histogram, np.where(joins, 0, LEFT_OUT), 1, *closeness)[0]:
            return merged
        merged *= 2
    return len(near)
