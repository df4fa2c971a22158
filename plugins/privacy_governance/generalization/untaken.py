"""The combinations that no class has taken yet, and which of them agree at a node of the walk.

Thousands of nodes are looked at, and few combinations agree with enough others at any. So each node of each step has a
number drawn at random, and the sum of its nodes' numbers puts a combination into a bucket: those that agree are in one,
and only buckets that hold enough rows are grouped exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from privacy_governance.generalization.histogram import group
from privacy_governance.generalization.recoded import LEFT_OUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from privacy_governance.generalization.hierarchies import Hierarchy
    from privacy_governance.generalization.histogram import Histogram

# what has been taken is still looked at until it is this share: to put it away costs more than a look
TAKEN_LOOKED_AT = 0.2
# buckets, as powers of two: at least so many, and four to eight times the combinations
FEWEST_BITS, BITS_BEYOND = 8, 2


@dataclass(frozen=True, eq=False)
class Step:
    """A level that the walk may choose for a column: node and loss of each leaf."""

    node_of: NDArray[np.int64]
    nodes: int
    loss: NDArray[np.float64]


def steps_of(hierarchy: Hierarchy, *, ranges: bool) -> list[Step]:
    """Return the steps of a column, finest first; with `ranges`, numbers and days have ranges of 2, 4, 8 … leaves."""
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


class Untaken:
    """What is left of a histogram: `number[i]` is combination `i`'s there, `rows[i]` its rows, 0 once it is taken."""

    def __init__(self, histogram: Histogram, steps: Sequence[Sequence[Step]]) -> None:
        chance = np.random.default_rng(0)
        self._steps = steps
        self._drawn = [[chance.integers(0, 2**63, step.nodes)[step.node_of] for step in each] for each in steps]
        self._keep(histogram, np.arange(histogram.combinations))

    def groups_at(self, node: Sequence[int], k: int) -> tuple[NDArray[np.int64], int] | None:
        """Return each combination's group at `node`, a step a column, and how many hold `k` rows; None without one.

        Combinations that are in none of these, and those that are taken, have the group -1.
        """
        among = self._may_number(node, k)
        if not len(among):
            return None
        chosen = [(each[at], leaf) for each, at, leaf in zip(self._steps, node, self.histogram.columns, strict=True)]
        keys = [step.node_of[leaf[among]] for step, leaf in chosen if step.nodes > 1]
        groups = group(keys, [step.nodes for step, _ in chosen if step.nodes > 1], self.rows[among])
        large = groups.rows >= k
        if not large.any():
            return None
        of = np.full(self.histogram.combinations, LEFT_OUT, dtype=np.int64)
        of[among] = np.where(large, np.cumsum(large) - 1, LEFT_OUT)[groups.of]
        return of, int(large.sum())

    def take(self, taken: NDArray[np.bool_]) -> None:
        """Take combinations away."""
        self.rows[taken] = 0
        left = self.rows > 0
        if np.count_nonzero(left) < (1 - TAKEN_LOOKED_AT) * len(left):
            self._keep(self.histogram.only(left), self.number[left])

    def _keep(self, histogram: Histogram, number: NDArray[np.int64]) -> None:
        self.histogram, self.number, self.rows = histogram, number, histogram.rows.copy()
        self._sums: dict[tuple[int, int], NDArray[np.int64]] = {}  # by column and step, for the nodes to come

    def _may_number(self, node: Sequence[int], k: int) -> NDArray[np.int64]:
        """Return the combinations whose bucket holds at least `k` rows."""
        total = np.zeros(len(self.rows), dtype=np.int64)
        for at in enumerate(node):
            if at not in self._sums:
                column, step = at
                self._sums[at] = self._drawn[column][step][self.histogram.columns[column]]
            total += self._sums[at]
        bits = max(FEWEST_BITS, len(total).bit_length() + BITS_BEYOND)
        bucket = (total >> (63 - bits)) & ((1 << bits) - 1)
        held = np.bincount(bucket, weights=self.rows, minlength=1 << bits)
        return np.flatnonzero((held >= k)[bucket] & (self.rows > 0))
