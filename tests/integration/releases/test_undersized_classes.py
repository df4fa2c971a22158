"""Which classes of a candidate have fewer than k subjects, whatever their rows, nulls and what their tokens hash to."""

from __future__ import annotations

import pytest

K = 5
# of a class's subjects the check sets one bit each, out of 1,024, and counts only where few are set
ALIKE = "hashtext(token) & 1023 = 7"
SHOW = """
insert into research_candidate.research_users (subject_token, country_code, plan, age_band, is_marketing_opted_in)
select token, %s, 'a plan of their own', '30-39', true
from (select encode(sha256(convert_to(n::text, 'UTF8')), 'hex') as token from generate_series(1, 20000) as n) as made
cross join generate_series(1, %s)
where {which}
order by token
limit %s
"""


@pytest.fixture
def candidate(line):
    """A candidate of which nothing is wrong."""
    line.join([f"person {n}" for n in range(K)])
    assert line.build() == []
    line.build_aggregates()
    return line


def show(candidate, subjects, *, country="DE", rows_each=1, which="true"):
    candidate.ask(SHOW.format(which=which), [country, rows_each, subjects * rows_each])


def undersized(candidate):
    """Classes of research_users that the check finds."""
    found = candidate.ask(candidate.sql("violation_release_under_k"))
    assert all(relation == "research_candidate.research_users" for relation, *_ in found)
    return sum(offenders for _, _, offenders, _ in found)


def test_a_class_of_k_subjects_is_none_of_them(candidate):
    show(candidate, K)
    assert undersized(candidate) == 0


def test_a_class_of_fewer_than_k_is_one(candidate):
    show(candidate, K - 1)
    assert undersized(candidate) == 1


def test_many_rows_of_few_subjects_are_no_many_subjects(candidate):
    show(candidate, K - 1, rows_each=K)
    assert undersized(candidate) == 1


def test_a_class_is_found_by_a_null_as_by_a_value(candidate):
    show(candidate, K - 1, country=None)
    assert undersized(candidate) == 1


def test_subjects_whose_tokens_hash_alike_are_still_counted_apart(candidate):
    show(candidate, K, which=ALIKE)
    assert undersized(candidate) == 0
    show(candidate, 1, country="FR", which=ALIKE)
    assert undersized(candidate) == 1
