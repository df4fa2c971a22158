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
from privacy_governance.generalization.histogram import group
from privacy_governance.generalization.leftovers import place
from privacy_governance.generalization.privacy_models import close, diverse, shares
from privacy_governance.generalization.recoded import LEFT_OUT, Recoding, distinct_classes, loss_of, values_of_boxes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from privacy_governance.generalization.hierarchies import Hierarchy
    from privacy_governance.generalization.histogram import Groups, Histogram
    from privacy_governance.generalization.privacy_models import Privacy

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


@dataclass(frozen=True, eq=False)
class Step:
    """A level that the walk may choose for a column: node and loss of each leaf."""

    node_of: NDArray[np.int64]
    nodes: int
    loss: NDArray[np.float64]


def _steps(hierarchy: Hierarchy, *, ranges: bool) -> list[Step]:
    leaves = len(hierarchy.leaves)
    if not (ranges and hierarchy.is_ordered):
        return [
            Step(level.node_of, len(level.labels), loss)
            for level, loss in zip(hierarchy.levels, hierarchy.loss, strict=True)
        ]
    at = np.arange(leaves)
    steps = [Step(at, leaves, np.zeros(leaves))]
    width = 2
    while width < leaves:
        steps.append(Step(at // width, (leaves - 1) // width + 1, np.full(leaves, width / leaves)))
        width *= 2
    return [*steps, Step(at * 0, 1, np.ones(leaves))]


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
    steps = [_steps(hierarchy, ranges=ranges) for hierarchy in histogram.hierarchies]
    references = [shares(sensitive) for sensitive in histogram.sensitive]
    class_of = np.full(histogram.combinations, LEFT_OUT, dtype=np.int64)
    number = np.arange(histogram.combinations)  # of each combination that is left
    left = histogram
    classes = 0
    for node in _walk(histogram, steps):
        chosen = [each[step] for each, step in zip(steps, node.tolist(), strict=True)]
        keys = [step.node_of[leaf] for step, leaf in zip(chosen, left.columns, strict=True) if step.nodes > 1]
        groups = group(keys, [step.nodes for step in chosen if step.nodes > 1], left.rows)
        holds = _groups_hold(left, groups, privacy, references)
        if not holds.any():
            continue
        taken = np.repeat(holds, groups.sizes)
        new = np.repeat(np.cumsum(holds) - 1, groups.sizes)[taken] + classes
        class_of[number[groups.order[taken]]] = new
        classes += int(holds.sum())
        stay = np.ones(left.combinations, dtype=np.bool_)
        stay[groups.order[taken]] = False
        number, left = number[stay], left.only(stay)
        if not _could_hold(left, privacy):
            break
    return class_of


def _could_hold(left: Histogram, privacy: Privacy) -> bool:
    """Return whether all that is left, taken together, would hold k and l: else no part of it does."""
    all_ = np.zeros(left.combinations, dtype=np.int64)
    return left.total >= privacy.k and bool(diverse(left, all_, 1, privacy.l)[0])


def _groups_hold(
    histogram: Histogram, groups: Groups, privacy: Privacy, references: Sequence[NDArray[np.float64]]
) -> NDArray[np.bool_]:
    holds: NDArray[np.bool_] = groups.rows >= privacy.k
    if histogram.sensitive and holds.any():
        # groups that are large enough are few: only these are looked at again
        of = np.where(holds, np.cumsum(holds) - 1, LEFT_OUT)[groups.of]
        large = int(holds.sum())
        holds[holds] = diverse(histogram, of, large, privacy.l) & close(histogram, of, large, privacy.t, references)
    return holds
