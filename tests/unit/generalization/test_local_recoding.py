"""Local recoding: everybody is published, every class holds the policy, every cell tells the truth."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lib.anonymized import classes_shown, distance, histogram_of, random_histogram
from privacy_governance.generalization import global_recoding, local_recoding
from privacy_governance.generalization.hierarchies import hierarchy_of
from privacy_governance.generalization.privacy_models import Privacy

POLICIES = [Privacy(3), Privacy(5, l=2), Privacy(3, l=3, t=0.3), Privacy(2, t=0.05)]


@pytest.mark.parametrize("privacy", POLICIES, ids=["k", "k and l", "k, l and t", "k and a strict t"])
@pytest.mark.parametrize("ranges", [True, False], ids=["ranges", "nodes"])
@pytest.mark.parametrize("ordered", [True, False], ids=["ordered", "equal"])
def test_everybody_is_published_in_a_class_that_holds_the_policy(privacy, ranges, ordered):
    for seed in range(8):
        histogram, people = random_histogram(seed, rows=150, ordered_sensitive=ordered)
        found = local_recoding.search(histogram, privacy, ranges=ranges)
        shown = classes_shown(histogram, found.recoding, people)
        everybody = [value for values in shown.values() for value in values]
        assert len(everybody) == len(people)
        for values in shown.values():
            assert len(values) >= privacy.k
            assert len(set(values)) >= (privacy.l or 1)
            assert distance(values, everybody, ordered=ordered) <= (1 if privacy.t is None else privacy.t) + 1e-9


def test_under_k_alone_what_is_shown_does_not_depend_on_sensitive_values():
    """Minimality: how wide a class is must not tell of the values in it."""
    for seed in range(8):
        histogram, _ = random_histogram(seed, rows=150)
        for search in (
            lambda of: local_recoding.search(of, Privacy(4), ranges=True),
            lambda of: global_recoding.search(of, Privacy(4), 0.1),
        ):
            with_values, without = search(histogram).recoding, search(replace(histogram, sensitive=())).recoding
            assert with_values.class_of.tolist() == without.class_of.tolist()
            assert with_values.cells.tolist() == without.cells.tolist()


@pytest.mark.parametrize("ranges", [True, False], ids=["ranges", "nodes"])
def test_a_cell_covers_the_value_it_stands_for(ranges):
    histogram, _ = random_histogram(2, rows=150)
    recoding = local_recoding.search(histogram, Privacy(4), ranges=ranges).recoding
    for column, values in enumerate(recoding.values):
        cell = recoding.cells[recoding.class_of, column]
        leaf = histogram.columns[column]
        assert (values.first[cell] <= leaf).all()
        assert (leaf <= values.last[cell]).all()


def test_local_recoding_loses_less_than_the_global_optimum():
    for seed in range(8):
        histogram, _ = random_histogram(seed, rows=300)
        least = global_recoding.search(histogram, Privacy(3), 0.05).loss
        assert local_recoding.search(histogram, Privacy(3), ranges=False).loss < least


def test_ranges_lose_less_than_nodes():
    losses = [
        local_recoding.search(random_histogram(seed, rows=100)[0], Privacy(4), ranges=ranges).loss
        for ranges in (True, False)
        for seed in range(8)
    ]
    assert sum(losses[:8]) < sum(losses[8:])


def test_a_range_is_named_by_its_ends_and_the_whole_by_a_star():
    ages = hierarchy_of("age", [[str(n), f"{n // 10}x", "*"] for n in range(20, 60)])
    near = local_recoding.search(histogram_of((ages,), [(4, 0), (8, 0), (8, 1)]), Privacy(3), ranges=True).recoding
    far = local_recoding.search(histogram_of((ages,), [(0, 0), (39, 0)]), Privacy(2), ranges=True).recoding
    same = local_recoding.search(histogram_of((ages,), [(4, 0), (4, 1)]), Privacy(2), ranges=True).recoding
    assert [each.values[0].labels for each in (near, far, same)] == [("24..28",), ("*",), ("24",)]


def test_the_rest_joins_a_class_where_it_costs_least():
    letters = hierarchy_of("letter", [["a", "x", "*"], ["b", "x", "*"], ["c", "y", "*"], ["d", "y", "*"]])
    people = [(0, 0)] * 3 + [(2, 0)] * 3 + [(3, 0)]
    histogram = histogram_of((letters,), people)
    shown = classes_shown(histogram, local_recoding.search(histogram, Privacy(3), ranges=False).recoding, people)
    assert {labels: len(values) for labels, values in shown.items()} == {("a",): 3, ("y",): 4}
