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

    A class keeps k and l when more join it. Where no near class stays within t, the rest joins as many classes, merged
    into one, as it takes: all of them at worst, which is the table itself, at distance 0.
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
    stuck = []
    for combination in rest[np.argsort(-histogram.rows[rest], kind="stable")].tolist():
        leaves = [int(leaf[combination]) for leaf in histogram.columns]
        wider = widened.cost(leaves)
        added = (rows + histogram.rows[combination]) * wider - rows * per_row
        joined = _first_that_stays_close(histogram, placed, combination, added, (privacy.t, references))
        if joined is None:
            stuck.append(combination)
            continue
        placed[combination] = joined
        widened.grow(joined, leaves)
        rows[joined] += histogram.rows[combination]
        per_row[joined] = wider[joined]
    if stuck:
        _merge_around(histogram, privacy, placed, np.array(stuck), references, ranges=ranges)
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


def _merge_around(
    histogram: Histogram,
    privacy: Privacy,
    placed: NDArray[np.int64],
    stuck: NDArray[np.int64],
    references: Sequence[NDArray[np.float64]],
    *,
    ranges: bool,
) -> None:
    """Make one class of `stuck` and of as many of the cheapest classes as bring it within t, in place."""
    boxes = boxes_around(histogram, placed)
    low = np.array([leaf[stuck].min() for leaf in histogram.columns])
    high = np.array([leaf[stuck].max() for leaf in histogram.columns])
    around = Boxes(np.minimum(boxes.lowest, low), np.maximum(boxes.highest, high))
    rows = np.bincount(placed[placed >= 0], weights=histogram.rows[placed >= 0])
    before = cost(histogram.hierarchies, boxes, ranges=ranges)
    order = np.argsort(rows * (cost(histogram.hierarchies, around, ranges=ranges) - before), kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    merged = 1
    while True:
        joins = (placed == LEFT_OUT) | (rank[placed] < merged)
        if merged >= len(order) or close(histogram, np.where(joins, 0, LEFT_OUT), 1, privacy.t, references)[0]:
            placed[joins] = order[0]
            return
        merged *= 2
