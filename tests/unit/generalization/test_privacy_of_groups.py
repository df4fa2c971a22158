"""k, l and t of groups against worked examples."""

from __future__ import annotations

import numpy as np
import pytest

from privacy_governance.errors import AnonymizationError
from privacy_governance.generalization import privacy_models
from privacy_governance.generalization.histogram import SensitiveCounts, group
from privacy_governance.generalization.privacy_models import Privacy, distances, distinct_values, shares


def sensitive(groups, *, ordered):
    """Nine values, one row each, as in Li et al. (2007), table 3: salaries from 3k to 11k."""
    combination = np.arange(9)
    return SensitiveCounts("salary", ordered, 9, combination, np.arange(9), np.ones(9, dtype=np.int64)), np.array(
        groups
    )


def counts_of(values, combination, value, rows):
    return SensitiveCounts("s", is_ordered=True, values=values, combination=combination, value=value, rows=rows)


def test_ordered_distance_is_that_of_the_paper():
    counts, of = sensitive([0, 0, 0, 1, 2, 1, 2, 2, 1], ordered=True)  # {3k, 4k, 5k} and {6k, 8k, 11k}
    found = distances(counts, of, 3, shares(counts))
    assert found[0] == pytest.approx(0.375)
    assert found[1] == pytest.approx(0.167, abs=0.001)


def test_equal_distance_is_half_the_sum_of_differences():
    counts, of = sensitive([0, 0, 0, 1, 1, 1, 1, 1, 1], ordered=False)
    assert distances(counts, of, 2, shares(counts)).tolist() == pytest.approx([2 / 3, 1 / 3])


def test_large_tables_are_counted_in_pieces_with_the_same_result(monkeypatch):
    chance = np.random.default_rng(1)
    pairs = np.unique(chance.integers(0, 40 * 6, 150))
    counts = counts_of(6, pairs // 6, pairs % 6, chance.integers(1, 9, len(pairs)))
    of = chance.integers(-1, 12, 40)
    whole = distances(counts, of, 12, shares(counts)), distinct_values(counts, of, 12)
    monkeypatch.setattr(privacy_models, "CELLS_AT_ONCE", 18)
    pieces = distances(counts, of, 12, shares(counts)), distinct_values(counts, of, 12)
    assert pieces[0].tolist() == pytest.approx(whole[0].tolist())
    assert pieces[1].tolist() == whole[1].tolist()


def test_distinct_values_are_counted_once_and_only_of_rows_in_a_group():
    counts = counts_of(3, np.array([0, 1, 1, 2]), np.array([0, 0, 1, 2]), np.array([5, 1, 1, 9]))
    assert distinct_values(counts, np.array([0, 0, -1]), 1).tolist() == [2]


def test_grouping_holds_where_keys_do_not_fit_into_one_number():
    chance = np.random.default_rng(2)
    keys = [chance.integers(0, 3, 200) * (2**29) for _ in range(5)]
    small = group([key // 2**29 for key in keys], [3] * 5, np.ones(200, dtype=np.int64))
    large = group(keys, [2**31] * 5, np.ones(200, dtype=np.int64))
    assert sorted(small.rows) == sorted(large.rows)
    pairs = set(zip(small.of.tolist(), large.of.tolist(), strict=True))
    assert len(pairs) == len(small.rows) == len(large.rows)


@pytest.mark.parametrize("wrong", [{"k": 0}, {"k": 2, "l": 0}, {"k": 2, "t": 1.5}, {"k": 2, "t": -0.1}], ids=str)
def test_a_policy_that_means_nothing_is_refused(wrong):
    with pytest.raises(AnonymizationError, match="whole numbers from 1 on"):
        Privacy(**wrong)
