"""What no class has taken: who agrees at a node is found without grouping everybody exactly."""

from __future__ import annotations

from collections import defaultdict
from itertools import product

import numpy as np
import pytest

from lib.anonymized import random_histogram
from privacy_governance.generalization.untaken import Untaken, steps_of

K = 4


@pytest.fixture(params=[False, True], ids=["nodes", "ranges"])
def walked(request):
    """A histogram and the steps of its columns."""
    histogram, _ = random_histogram(3, rows=200)
    return histogram, [steps_of(hierarchy, ranges=request.param) for hierarchy in histogram.hierarchies]


def expected(histogram, steps, node, among):
    """The sets of combinations that agree at `node` and hold k rows, each counted by hand."""
    together = defaultdict(set)
    for number in among:
        at = tuple(
            each[step].node_of[leaf[number]] for each, step, leaf in zip(steps, node, histogram.columns, strict=True)
        )
        together[at].add(number)
    return {frozenset(each) for each in together.values() if histogram.rows[list(each)].sum() >= K}


def found(untaken, node):
    of, groups = untaken.groups_at(node, K) or (np.full(len(untaken.rows), -1), 0)
    return {frozenset(untaken.number[of == group].tolist()) for group in range(groups)}


def test_the_groups_of_every_node_are_those_that_one_counts_by_hand(walked):
    histogram, steps = walked
    untaken = Untaken(histogram, steps)
    for node in product(*(range(len(each)) for each in steps)):
        assert found(untaken, node) == expected(histogram, steps, node, range(histogram.combinations))


@pytest.mark.parametrize("share", [0.05, 0.6], ids=["few, which are still looked at", "many, which are put away"])
def test_what_was_taken_is_in_no_group(walked, share):
    histogram, steps = walked
    untaken = Untaken(histogram, steps)
    taken = np.arange(histogram.combinations) < share * histogram.combinations
    untaken.take(taken)
    for node in product(*(range(len(each)) for each in steps)):
        assert found(untaken, node) == expected(histogram, steps, node, np.flatnonzero(~taken).tolist())
