"""Measures of a release small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lib.anonymized import histogram_of, random_histogram
from privacy_governance.generalization import local_recoding, measures
from privacy_governance.generalization.hierarchies import hierarchy_of
from privacy_governance.generalization.measures import cramers_v, measure
from privacy_governance.generalization.privacy_models import Privacy
from privacy_governance.generalization.recoded import Recoding, Values, recode_at

LETTERS = hierarchy_of("letter", [["a", "x", "*"], ["b", "x", "*"], ["c", "y", "*"], ["d", "y", "*"]])
SEXES = hierarchy_of("sex", [["F", "*"], ["M", "*"]])
# a F twice, a M, b M, c F, d F once each; the last number is the sensitive value
PEOPLE = [(0, 0, 0), (0, 0, 1), (0, 1, 0), (1, 1, 0), (2, 0, 1), (3, 0, 1)]


def measured(levels, kept=None):
    histogram = histogram_of((LETTERS, SEXES), PEOPLE)
    stay = np.ones(histogram.combinations, dtype=bool) if kept is None else np.array(kept)
    return measure(histogram, recode_at(histogram, levels, stay))


def test_the_source_itself_loses_nothing_and_moves_nothing():
    found = measured([0, 0])
    assert (found.granularity_loss, found.marginals_moved, found.correlations_moved) == (0, 0, 0)
    assert (found.smallest_class, found.prosecutor_risk, found.uniqueness) == (1, 1, pytest.approx(4 / 6))
    assert found.source_uniqueness == pytest.approx(4 / 6)


def test_classes_risks_and_losses_are_those_counted_by_hand():
    found = measured([1, 0])  # x F 2, x M 2, y F 2
    assert (found.classes, found.smallest_class, found.average_class) == (3, 2, 2)
    assert (found.prosecutor_risk, found.journalist_risk, found.marketer_risk) == (0.5, 0.5, 0.5)
    assert found.granularity_loss == pytest.approx(0.25)  # half the cells show 2 of 4 leaves
    assert found.discernibility == 12
    assert (found.smallest_diversity, found.largest_distance) == (1, 0.5)
    assert found.uniqueness == 0


def test_a_row_left_out_is_lost_whole():
    found = measured([0, 0], [True, False, False, False, False])  # only a F
    assert (found.source_rows, found.published_rows, found.suppressed_share) == (6, 2, pytest.approx(4 / 6))
    assert found.granularity_loss == pytest.approx(4 / 6)
    assert found.discernibility == 4 + 4 * 6


def test_the_journalist_s_risk_is_that_of_the_class_that_fewest_people_fit():
    # two rows of b are shown as x, which the three of a fit as well; the three shown as a are all that fit
    histogram = histogram_of((LETTERS,), [(0, 0)] * 3 + [(1, 0)] * 2)
    letters = Values(("a", "x"), np.array([0, 0]), np.array([0, 1]), np.array([0, 0.5]))
    found = measure(histogram, Recoding(np.array([0, 1]), np.array([[0], [1]]), (letters,)))
    assert found.smallest_class == 2
    assert found.prosecutor_risk == pytest.approx(1 / 2)
    assert found.journalist_risk == pytest.approx(1 / 3)


def test_the_journalist_s_risk_is_found_among_overlapping_classes():
    for seed in range(20):
        histogram, _ = random_histogram(seed, rows=40)
        recoding = local_recoding.search(histogram, Privacy(2), ranges=True).recoding
        fitting = []
        for cells in recoding.cells:
            shown = [
                (values.first[cell], values.last[cell]) for values, cell in zip(recoding.values, cells, strict=True)
            ]
            fits = [
                all(low <= leaf <= high for leaf, (low, high) in zip(person, shown, strict=True))
                for person in zip(*histogram.columns, strict=True)
            ]
            fitting.append(int(histogram.rows[fits].sum()))
        assert measure(histogram, recoding).journalist_risk == pytest.approx(1 / min(fitting))


def test_a_risk_that_is_too_long_to_search_for_is_not_understated(monkeypatch):
    histogram, _ = random_histogram(3, rows=40)
    recoding = local_recoding.search(histogram, Privacy(2), ranges=True).recoding
    exact = measure(histogram, recoding).journalist_risk
    monkeypatch.setattr(measures, "CLASSES_LOOKED_AT", 0)
    assert measure(histogram, recoding).journalist_risk >= exact


def test_an_association_of_many_values_is_still_compared(monkeypatch):
    people = [(0, 0, 0), (2, 1, 0)] * 10
    histogram = histogram_of((LETTERS, SEXES), people)
    monkeypatch.setattr(measures, "BINS", 2)
    letters = hierarchy_of("letter", [[letter, "*"] for letter in "abcd"])
    flat = histogram_of((letters, SEXES), people)
    for each, top in ((histogram, [2, 0]), (flat, [1, 0])):
        assert measure(each, recode_at(each, top, np.ones(2, dtype=bool))).correlations_moved == pytest.approx(1)


def test_a_wide_cell_counts_as_spread_over_its_leaves():
    # a 3, b 1, c 1, d 1 of 6 become 2, 2, 1, 1: one row of six moved; sex did not
    found = measured([1, 0])
    assert found.marginals_moved_most == pytest.approx(1 / 6)
    assert found.marginals_moved == pytest.approx(1 / 12)


def test_an_association_that_is_generalized_away_has_moved_by_all_it_was():
    people = [(0, 0, 0), (2, 1, 0)] * 10
    histogram = histogram_of((LETTERS, SEXES), people)
    found = measure(histogram, recode_at(histogram, [2, 0], np.ones(2, dtype=bool)))
    assert found.correlations_moved == pytest.approx(1)


@pytest.mark.parametrize(
    ("table", "expected"),
    [([[5, 0], [0, 5]], 1), ([[5, 5], [5, 5]], 0), ([[5, 5], [0, 0]], 0), ([[8, 2], [2, 8]], 0.6)],
    ids=["determined", "independent", "one value", "between"],
)
def test_cramers_v_of_known_tables(table, expected):
    assert cramers_v(np.array(table, dtype=float)) == pytest.approx(expected)


def test_measures_are_rows_of_a_name_and_a_number():
    rows = dict(measured([1, 0]).rows())
    assert rows["smallest_class"] == 2.0
    assert rows["smallest_diversity"] == 1.0
