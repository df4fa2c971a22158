"""Who knows that somebody answered a survey must learn little of what they said: t holds for all that is shown."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pandas as pd
import pytest
from pycanon import anonymity

T = 0.3
SCORES = {"0 to 6": 3, "7 to 8": 7, "9 to 10": 9}
MIXED = {"0 to 6": 10, "7 to 8": 10, "9 to 10": 10}
# five promoters to be taken for, and yet: who answered is a detractor, nearly surely
SKEWED = {"0 to 6": 30, "9 to 10": 5}
GROUP = ["survey_name", "submitted_quarter_on"]


@pytest.fixture
def members(line):
    """Sixty of one class."""
    names = [f"member {n}" for n in range(60)]
    line.join(names)
    return names


def answer(line, members, survey, bands, on="2025-11-03"):
    scores = [SCORES[band] for band, count in bands.items() for _ in range(count)]
    line.ask(
        "insert into public.answers select name, %s, %s, score"
        " from unnest(%s::text[], %s::int[]) as given (name, score)",
        [survey, on, members[: len(scores)], scores],
    )


def shown(line, schema="research"):
    """Return {survey: {band: subjects}}."""
    found = {}
    for survey, band, subjects in line.ask(
        f"select survey_name, score_band, count(*) from {schema}.research_survey_responses group by 1, 2"
    ):
        found.setdefault(survey, {})[band] = subjects
    return found


def distance(line, schema="research"):
    rows = line.ask(f"select * from {schema}.research_survey_responses")
    columns = ["subject_token", *GROUP, "score_band", "responses"]
    return anonymity.t_closeness(pd.DataFrame(rows, columns=columns), GROUP, ["score_band"])


def violations(line):
    line.build_aggregates()
    found = line.ask(line.sql("violation_release_under_k"))
    return [(relation, column, offenders) for relation, column, offenders, _ in found]


def live(line, *, days=1):
    """Live a night to its publish; nothing is wrong with its candidate."""
    line.on += timedelta(days=days)
    line.enforce()
    assert line.build() == []
    assert violations(line) == []
    line.publish()


def test_a_skewed_survey_tells_on_who_answered_it_and_is_not_shown(line, members):
    answer(line, members, "mixed", MIXED)
    answer(line, members, "other", MIXED)
    answer(line, members, "skewed", SKEWED)
    naive = Counter(band for (band,) in line.ask("select score from public.answers where survey_name = 'skewed'"))
    assert naive[3] / naive.total() > 0.8, "whoever answered said so"
    live(line, days=4)
    assert shown(line) == {"mixed": MIXED, "other": MIXED}


def test_a_survey_further_than_t_from_all_is_a_violation(line, members):
    for survey in ("a", "b", "c"):
        answer(line, members, survey, MIXED)
    line.on += timedelta(days=4)
    line.build()
    assert violations(line) == []
    line.ask(
        "insert into research_candidate.research_survey_responses"
        " select subject_token, 'skewed', submitted_quarter_on, case when n <= 30 then '0 to 6' else '9 to 10' end, 1"
        " from (select *, row_number() over () as n from research_candidate.research_users) as person"
        " cross join (select date '2025-10-01' as submitted_quarter_on) as quarter where n <= 35"
    )
    assert distance(line, "research_candidate") > T
    assert violations(line) == [("research_candidate.research_survey_responses", "score_band", 1)]


def test_a_survey_that_departures_make_too_telling_leaves_in_the_same_night(line, members):
    answer(line, members[:30], "leaning", {"9 to 10": 10, "0 to 6": 20})
    answer(line, members[30:], "mixed", MIXED)
    answer(line, members[30:], "other", MIXED)
    live(line, days=4)
    assert shown(line).keys() == {"mixed", "other", "leaning"}
    assert distance(line) <= T
    line.delete(*members[:5])
    line.enforce()
    assert shown(line).keys() == {"mixed", "other"}
    assert line.build() == []
    assert violations(line) == []


def test_a_later_quarter_may_take_an_earlier_one_away_whole_and_for_good(line, members):
    answer(line, members, "leaning", {"0 to 6": 20, "9 to 10": 10})
    live(line, days=4)
    assert shown(line) == {"leaning": {"0 to 6": 20, "9 to 10": 10}}
    for survey in ("a", "b", "c", "d"):
        answer(line, members, survey, {"7 to 8": 10, "9 to 10": 20}, on="2026-02-02")
    live(line, days=100)
    assert shown(line).keys() == {"a", "b", "c", "d"}
    line.ask("delete from public.answers where survey_name in ('a', 'b', 'c', 'd')")
    live(line)
    assert "leaning" not in shown(line)


@pytest.mark.parametrize("seed", range(3))
def test_of_any_answers_all_that_is_shown_holds_t_together(lines, seed):
    """Leaving one survey out changes what all is, so those left are compared with what is left."""
    chance = random.Random(seed)
    line = lines()
    names = [f"member {n}" for n in range(60)]
    line.join(names)
    surveys = [f"survey {n}" for n in range(12)]
    for survey in surveys:
        answer(line, names, survey, {band: chance.choice([0, 5, 8, 20]) for band in SCORES})
    live(line, days=4)
    assert 0 < len(shown(line)) < len(surveys)
    assert distance(line) <= T


PAIRS = """
create temp table answered as
select * from (values
    ('both vary', 'low', 'calm', 10), ('both vary', 'high', 'glad', 10),
    ('one score', 'low', 'calm', 10), ('one score', 'low', 'glad', 10),
    ('one score beside none', null, 'calm', 10), ('one score beside none', 'high', 'glad', 10)
) as given (survey_name, score_band, mood, subjects);
create table public.pairs as
select survey_name, score_band, mood from answered cross join lateral generate_series(1, subjects)
"""


def test_of_two_sensitive_attributes_each_must_differ_by_itself(line):
    """Who answered `one score` differs in the pair from others who did, and yet all of them have the same score."""
    for statement in PAIRS.split(";"):
        line.ask(statement)
    unsafe = line.ask(line.sql("int_pairs__unsafe"))
    line.ask("drop table public.pairs, answered")
    assert {survey for survey, *_ in unsafe} == {"one score", "one score beside none"}
