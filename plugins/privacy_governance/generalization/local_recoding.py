"""Local recoding: each group shows as much as its own rows allow; no row is left out.

The lattice of levels is walked from the least loss to the most. At each node, combinations that nobody has taken yet
and that agree there form a class as soon as they hold k, l and t; the rest goes on to coarser nodes. A class then shows
the lowest nodes over its own rows or, for numbers and days, the range that they span. Classes may overlap: a reader who
knows somebody's values finds at least the rows of one whole class. What is found is good, not optimal: the optimum is
NP-hard (Meyerson and Williams 2004).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from privacy_governance.generalization.boxes import boxes_around
from privacy_governance.generalization.leftovers import place
from privacy_governance.generalization.privacy_models import close, diverse, shares
from privacy_governance.generalization.recoded import LEFT_OUT, Recoding, distinct_classes, loss_of, values_of_boxes
from privacy_governance.generalization.untaken import Untaken, steps_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from privacy_governance.generalization.histogram import Histogram
    from privacy_governance.generalization.privacy_models import Privacy
    from privacy_governance.generalization.untaken import Step

# Nodes looked at one by one, least loss first; of those beyond, evenly spread ones. 8 columns of Adult: 9,072 in all.
NODES_IN_ORDER = 12_000
NODES_BEYOND = 4_000
MOST_NODES = 20_000_000


@dataclass(frozen=True, eq=False)
class LocalResult:
    """A recoding that leaves nobody out, and its granularity loss."""

    recoding: Recoding
    loss: float


def search(histogram: Histogram, privacy: Privacy, *, ranges: bool) -> LocalResult:
    """Find classes that hold `privacy`, of little loss; `ranges`: numbers and days may be shown as any range.

    The whole table must hold k and l, or no class can.
    """
    class_of = _take(histogram, privacy, ranges=ranges)
    class_of = place(histogram, privacy, class_of, ranges=ranges)
    recoding = recode_classes(histogram, class_of, ranges=ranges)
    return LocalResult(recoding, loss_of(histogram, recoding))


def recode_classes(histogram: Histogram, class_of: NDArray[np.int64], *, ranges: bool) -> Recoding:
    """Return the recoding that shows each class as narrowly as its combinations allow."""
    boxes = boxes_around(histogram, class_of)
    shown = [
        values_of_boxes(hierarchy, boxes.lowest[:, column], boxes.highest[:, column], ranges=ranges)
        for column, hierarchy in enumerate(histogram.hierarchies)
    ]
    cells = np.stack([number for _, number in shown], axis=1)
    return distinct_classes(cells[class_of], class_of >= 0, tuple(values for values, _ in shown))


def _walk(histogram: Histogram, steps: Sequence[Sequence[Step]]) -> NDArray[np.int64]:
    """Return the nodes to look at, a row each, from the least loss to the most."""
    sizes = [len(each) for each in steps]
    while np.prod(sizes, dtype=np.float64) > MOST_NODES:  # coarser steps of the column that has most
        sizes[int(np.argmax(sizes))] -= 1
    offered = [
        np.unique(np.linspace(0, len(each) - 1, size).astype(np.int64)) for each, size in zip(steps, sizes, strict=True)
    ]
    columns = np.indices([len(each) for each in offered]).reshape(len(offered), -1)
    lattice = np.stack([each[column] for each, column in zip(offered, columns, strict=True)], axis=1)
    loss = np.zeros(len(lattice))
    for column, each in enumerate(steps):
        rows = np.bincount(histogram.columns[column], weights=histogram.rows, minlength=len(each[0].loss))
        loss += np.array([step.loss @ rows for step in each])[lattice[:, column]]
    order = np.argsort(loss, kind="stable")
    if len(order) > NODES_IN_ORDER + NODES_BEYOND:
        beyond = np.linspace(NODES_IN_ORDER, len(order) - 1, NODES_BEYOND).astype(np.int64)
        order = np.r_[order[:NODES_IN_ORDER], order[beyond]]
    return lattice[order]


def _take(histogram: Histogram, privacy: Privacy, *, ranges: bool) -> NDArray[np.int64]:
    """Form classes along the walk; return each combination's, -1 where the walk ended without one."""
    steps = [steps_of(hierarchy, ranges=ranges) for hierarchy in histogram.hierarchies]
    references = [shares(sensitive) for sensitive in histogram.sensitive]
    class_of = np.full(histogram.combinations, LEFT_OUT, dtype=np.int64)
    untaken = Untaken(histogram, steps)
    classes = 0
    for node in _walk(histogram, steps):
        found = untaken.groups_at(node.tolist(), privacy.k)
        if found is None:
            continue
        of, groups = found
        holds = np.ones(groups, dtype=np.bool_)
        if histogram.sensitive:
            holds &= diverse(untaken.histogram, of, groups, privacy.l)
            holds &= close(untaken.histogram, of, groups, privacy.t, references)
            if not holds.any():
                continue
        taken = (of >= 0) & holds[of]
        class_of[untaken.number[taken]] = (np.cumsum(holds) - 1)[of[taken]] + classes
        classes += int(holds.sum())
        untaken.take(taken)
        if not _could_hold(untaken, privacy):
            break
    return class_of


def _could_hold(untaken: Untaken, privacy: Privacy) -> bool:
    """Return whether all that is left, taken together, would hold k and l: else no part of it does."""
    together = np.where(untaken.rows > 0, 0, LEFT_OUT)
    return int(untaken.rows.sum()) >= privacy.k and bool(diverse(untaken.histogram, together, 1, privacy.l)[0])
