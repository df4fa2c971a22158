"""Global recoding against an oracle that tries every choice of levels on the rows themselves."""

from __future__ import annotations

from collections import defaultdict
from itertools import product

import numpy as np
import pytest

from lib.anonymized import classes_shown, distance, histogram_of, random_histogram
from privacy_governance.errors import AnonymizationError
from privacy_governance.generalization import global_recoding
from privacy_governance.generalization.hierarchies import hierarchy_of
from privacy_governance.generalization.privacy_models import Privacy
from privacy_governance.generalization.recoded import loss_of

POLICIES = [Privacy(3), Privacy(4, l=2), Privacy(3, l=2, t=0.35), Privacy(2, t=0.25)]


def oracle(hierarchies, people, privacy, limit):
    """The least loss of all choices of levels, each tried on the rows."""
    losses = []
    for levels in product(*(range(len(hierarchy.levels)) for hierarchy in hierarchies)):
        classes = defaultdict(list)
        for person in people:
            nodes = zip(hierarchies, levels, person[:-1], strict=True)
            classes[tuple(int(of.levels[level].node_of[leaf]) for of, level, leaf in nodes)].append(person)
        kept = left_after(classes, privacy)
        if len(people) - sum(map(len, kept)) > limit * len(people):
            continue
        cells = 0.0
        for person in (person for each in kept for person in each):
            for hierarchy, level, leaf in zip(hierarchies, levels, person[:-1], strict=True):
                node = hierarchy.levels[level].node_of
                cells += 0 if level == 0 else (node == node[leaf]).sum() / len(node)
        out = len(people) - sum(map(len, kept))
        losses.append((cells + out * len(hierarchies)) / (len(people) * len(hierarchies)))
    return min(losses, default=None)


def left_after(classes, privacy):
    kept = [
        each for each in classes.values() if len(each) >= privacy.k and len({p[-1] for p in each}) >= (privacy.l or 1)
    ]
    while privacy.t is not None:
        everybody = [person[-1] for each in kept for person in each]
        near = [each for each in kept if distance([p[-1] for p in each], everybody, ordered=False) <= privacy.t + 1e-9]
        if len(near) == len(kept):
            break
        kept = near
    return kept


@pytest.mark.parametrize("privacy", POLICIES, ids=["k", "k and l", "k, l and t", "k and t"])
@pytest.mark.parametrize("limit", [0.0, 0.1, 0.4])
def test_the_search_finds_the_least_loss_that_any_choice_of_levels_has(privacy, limit):
    for seed in range(6):
        histogram, people = random_histogram(seed)
        expected = oracle(histogram.hierarchies, people, privacy, limit)
        found = global_recoding.search(histogram, privacy, limit)
        assert found.loss == pytest.approx(expected)
        assert found.loss == pytest.approx(loss_of(histogram, found.recoding))
        assert found.bound == pytest.approx(expected)


@pytest.mark.parametrize("privacy", POLICIES, ids=["k", "k and l", "k, l and t", "k and t"])
def test_every_published_class_holds_the_policy_and_the_limit_holds(privacy):
    for seed in range(6):
        histogram, people = random_histogram(seed, rows=200)
        found = global_recoding.search(histogram, privacy, 0.2)
        shown = classes_shown(histogram, found.recoding, people)
        everybody = [value for values in shown.values() for value in values]
        assert len(everybody) >= 0.8 * len(people)
        for values in shown.values():
            assert len(values) >= privacy.k
            assert len(set(values)) >= (privacy.l or 1)
            assert distance(values, everybody, ordered=False) <= (1 if privacy.t is None else privacy.t) + 1e-9


def test_a_column_shows_one_level_only():
    histogram, _ = random_histogram(1, rows=200)
    found = global_recoding.search(histogram, Privacy(4), 0.1)
    for hierarchy, level, values in zip(histogram.hierarchies, found.levels, found.recoding.values, strict=True):
        assert set(values.labels) == set(hierarchy.levels[level].labels)


def test_a_policy_that_no_levels_hold_is_refused_with_what_would_help():
    one = hierarchy_of("sex", [["F", "*"], ["M", "*"]])
    histogram = histogram_of((one,), [(0, 0), (1, 0), (1, 0)])
    with pytest.raises(AnonymizationError, match=r"no choice of levels holds k=2, l=2.*Raise --suppression-limit"):
        global_recoding.search(histogram, Privacy(2, l=2), 0.5)


def test_a_lattice_too_large_to_prove_an_optimum_is_refused():
    many = hierarchy_of("n", [["1", *(f"l{n}" for n in range(30)), "*"], ["2", *(f"l{n}" for n in range(30)), "*"]])
    histogram = histogram_of((many,) * 5, [(0, 0, 0, 0, 0, 0)])
    with pytest.raises(AnonymizationError, match=r"33,554,432 choices of levels.*--recoding local"):
        global_recoding.search(histogram, Privacy(1), 0)


def test_the_bound_spares_most_of_the_lattice():
    histogram, _ = random_histogram(3, rows=400)
    found = global_recoding.search(histogram, Privacy(3), 0.05)
    assert found.evaluated_nodes < found.lattice_nodes == np.prod([4, 3, 2])
