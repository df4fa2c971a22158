"""Who keeps every release, and knows when somebody joined, changed or was deleted, compares them to find the person."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise

import pytest

K = 5
CLASSES = (
    {"country_code": "US", "plan": "free"},
    {"country_code": "FR", "plan": "pro"},
    {"country_code": None, "plan": "free", "age_years": None},
)


def people(prefix, count):
    return [f"{prefix} {n}" for n in range(count)]


def gone(before, after, of_class):
    return {token for token, found in before.items() if found == of_class and token not in after}


def come(before, after, of_class):
    return {token for token, found in after.items() if found == of_class and token not in before}


def changed(before, after):
    return {token for token in before.keys() & after.keys() if before[token] != after[token]}


def test_a_deletion_is_read_from_the_naive_release_and_not_from_ours(line):
    line.join(people("member", 20))
    line.night()
    line.delete("member 7")
    line.night()
    token = line.token("member 7")
    first, second = line.naive
    assert gone(first, second, first[token]) == {token}, "the naive release gives the person away"
    of_class = line.seen[0][token]
    suspects = gone(line.seen[0], line.seen[-1], of_class)
    assert token in suspects
    assert len(suspects) == K
    assert token not in line.released()


def test_a_newcomer_is_read_from_the_naive_release_and_not_from_ours(line):
    line.join(people("member", 20))
    line.night()
    line.join(["newcomer 0"])
    line.night()
    token = line.token("newcomer 0")
    first, second = line.naive
    assert come(first, second, second[token]) == {token}, "the naive release gives the person away"
    assert line.seen[0] == line.seen[-1], "ours waits"
    line.join([f"newcomer {n}" for n in range(1, 5)])
    line.night()
    assert len(come(line.seen[0], line.seen[-1], line.seen[-1][token])) == K


def test_a_change_is_read_from_the_naive_release_and_not_from_ours(line):
    line.join(people("member", 20))
    line.join(people("other", 10), plan="pro")
    line.night()
    line.ask("update public.people set plan = 'pro' where name = 'member 7'")
    line.night()
    assert changed(*line.naive) == {line.token("member 7")}, "the naive release gives the person away"
    assert line.seen[0] == line.seen[-1]


def test_a_row_s_place_tells_nothing_of_when_its_subject_joined(line):
    """Who knows in which order people signed up would else find each by counting rows of a class."""
    line.join(people("member", 20))
    line.night()
    line.join(people("late", 20))
    line.night()
    lying = [token for (token,) in line.ask("select subject_token from research.research_users order by ctid")]
    for joined in ("member", "late"):
        tokens = [line.token(name) for name in people(joined, 20)]
        assert tokens != sorted(tokens)
        assert [token for token in lying if token in tokens] == sorted(tokens)


def test_who_joined_with_some_and_left_with_others_is_not_found_by_both(line):
    """Seen by classes alone, five of six who joined late would stay, and the sixth be alone with that history."""
    line.join(people("early", 30))
    line.night()
    line.join(people("late", 12))
    line.night()
    line.delete("late 3")
    line.night()
    token = line.token("late 3")
    early, late, now = line.seen[0], line.seen[1], line.seen[-1]
    same_history = come(early, late, late[token]) & gone(late, now, late[token])
    assert token in same_history
    assert len(same_history) == K
    assert len([name for name in people("late", 12) if line.token(name) in now]) == 12 - K


def test_a_class_that_would_fall_under_k_leaves_whole(line):
    line.join(people("member", 8))
    line.night()
    line.delete("member 0")
    line.night()
    assert line.released() == {}


def test_who_went_along_does_not_come_back_in_the_period(line):
    line.join(people("member", 20))
    line.night()
    line.delete("member 7")
    line.night()
    left = line.seen[0].keys() - line.released().keys()
    line.join(people("newcomer", 5))
    line.night(days=3)
    assert not left & line.released().keys()
    assert len(line.released()) == 20


def test_a_refused_night_shows_no_more_than_a_published_one(line):
    line.join(people("member", 20))
    line.night()
    line.delete("member 7")
    assert line.enforce().withdrawn == K
    assert line.token("member 7") not in line.released()
    assert len(line.released()) == 15
    assert line.enforce().withdrawn == 0, "running it again withdraws nobody else"
    assert len(line.released()) == 15


def test_who_goes_along_can_not_be_told_without_the_key(line):
    """The order is neither that of the tokens nor of the table, so they can't be told from who had to go."""
    line.join(people("member", 60))
    line.night()
    line.delete("member 7")
    line.night()
    left = line.seen[0].keys() - line.released().keys()
    others = sorted(line.seen[0].keys() - {line.token("member 7")})
    along = left - {line.token("member 7")}
    assert along != set(others[:4])
    assert along != set(others[-4:])
    assert along != {line.token(name) for name in people("member", 5)} - {line.token("member 7")}


@pytest.mark.parametrize("seed", range(4))
def test_in_any_history_each_class_changes_by_k_or_not_at_all(lines, seed):
    """Random arrivals, changes, deletions, refused nights: everybody shares the whole history with k - 1 others."""
    chance = random.Random(seed)
    line = lines()
    alive = []
    for _ in range(2):
        alive += _arrive(line, chance, alive, range(6, 20))
    dead = set()
    for _ in range(8):
        alive += _arrive(line, chance, alive, range(4))
        for name in chance.sample(alive, k=min(len(alive), chance.choice([0, 0, 1, 1, 2, 7]))):
            line.delete(name)
            alive.remove(name)
            dead.add(name)
        for name in chance.sample(alive, k=min(len(alive), 2)):
            line.ask("update public.people set plan = 'pro' where name = %s", [name])
        if chance.random() < 0.3:
            line.enforce()
        else:
            line.night(days=chance.choice([1, 3, 9]))
            assert not {line.token(name) for name in dead} & line.released().keys()
    assert len(line.seen) > 3
    _assert_nobody_is_alone(line.seen)


def _arrive(line, chance, alive, counts):
    names = []
    for attributes in CLASSES:
        new = [f"person {len(alive) + len(names) + n} {chance.random()}" for n in range(chance.choice(counts))]
        line.join(new, **attributes)
        names += new
    return names


def _assert_nobody_is_alone(seen):
    histories = defaultdict(list)
    for moment in seen:
        assert not moment or min(Counter(moment.values()).values()) >= K
    for before, after in pairwise(seen):
        assert changed(before, after) == set()
        for of_class in {*before.values(), *after.values()}:
            for moved in (gone(before, after, of_class), come(before, after, of_class)):
                assert not moved or len(moved) >= K
    for token in {token for moment in seen for token in moment}:
        history = tuple(moment.get(token) for moment in seen)
        histories[history].append(token)
        present = [found is not None for found in history]
        assert present.index(True) + sum(present) == len(present) - present[::-1].index(True), "nobody comes back"
    assert min(len(tokens) for tokens in histories.values()) >= K


def test_a_candidate_that_would_tell_on_somebody_is_a_violation(line):
    line.join(people("member", 20))
    line.night()
    line.join(["newcomer"])
    assert line.build() == []
    line.ask(
        "insert into research_candidate.research_users select %s, country_code, plan, age_band, is_marketing_opted_in"
        " from research.research_users limit 1",
        [line.token("newcomer")],
    )
    one, two = line.token("member 1"), line.token("member 2")
    line.ask("update research_candidate.research_users set plan = 'pro' where subject_token = %s", [one])
    line.ask("delete from research_candidate.research_users where subject_token = %s", [two])
    ((relation, column, offenders, finding),) = line.differences()
    assert (relation, column, offenders) == ("research_candidate.research_users", None, 3)
    assert "release_base" in finding


def happen(line, event, on, names):
    line.ask("insert into public.happenings select name, %s, %s from unnest(%s::text[]) as name", [event, on, names])


def events(line):
    return {
        (event, str(week), token): count
        for token, event, week, count in line.ask("select * from research.research_events")
    }


def test_a_week_is_published_once_and_late_events_of_it_never(line):
    members = people("member", 20)
    line.join(members)
    happen(line, "opened", "2026-01-06", members)
    line.night(days=4)
    assert events(line) == {}, "the week has not ended"
    line.night(days=7)
    assert events(line) == {}, "its late rows may still arrive"
    line.night(days=3)
    first = events(line)
    assert len(first) == 20
    happen(line, "opened", "2026-01-07", members[:1])
    happen(line, "bought", "2026-01-07", members[:6])
    happen(line, "opened", "2026-01-13", members[:9])
    line.night(days=7)
    second = events(line)
    assert {key: count for key, count in second.items() if key[1] == "2026-01-05"} == first
    assert len(second) == len(first) + 9


def test_newcomers_bring_no_rows_into_published_weeks(line):
    line.join(people("member", 20))
    happen(line, "opened", "2026-01-06", people("member", 20))
    line.night(days=14)
    before = events(line)
    line.join(people("newcomer", 6))
    happen(line, "opened", "2026-01-06", people("newcomer", 6))
    line.night()
    assert len(line.released()) == 26
    assert events(line) == before


def test_rows_of_who_leaves_go_and_a_week_under_k_goes_whole(line):
    members = people("member", 20)
    line.join(members)
    happen(line, "opened", "2026-01-06", members)
    line.night(days=14)
    leaving = members[:1]
    line.delete(*leaving)
    rare = "bought"
    line.enforce()
    left = line.seen[0].keys() - line.released().keys()
    assert {token for *_, token in events(line)} == line.released().keys()
    stayed = [name for name in members if line.token(name) not in left]
    happen(line, rare, "2026-01-13", stayed[:5])
    happen(line, "opened", "2026-01-13", stayed)
    line.night(days=7)
    assert Counter(event for event, week, _ in events(line) if week == "2026-01-12") == {rare: 5, "opened": 15}
    line.delete(stayed[0])
    line.enforce()
    assert rare not in {event for event, *_ in events(line)}
    assert line.build() == []


def test_rows_that_a_purge_left_behind_are_not_released_again(line):
    """A purge over its limit waits for a person; the release goes on without who left, and without what they left."""
    members = people("member", 20)
    line.join(members)
    happen(line, "opened", "2026-01-06", members)
    line.night(days=14)
    happen(line, "bought", "2026-01-13", members[:6])
    line.night(days=7)
    line.delete(*members[:2])
    line.on += timedelta(days=1)
    assert line.withdraw().withdrawn == K
    line.build()
    candidate = line.ask("select event_name, subject_token from research_candidate.research_events")
    left = {line.token(name) for name in members[:2]}
    assert {event for event, _ in candidate} == {"opened"}, "the four who bought are no class any more"
    assert len(candidate) == 15
    assert not left & {token for _, token in candidate}


def test_a_row_of_who_is_no_member_is_a_violation(line):
    line.join(people("member", 20))
    happen(line, "opened", "2026-01-06", people("member", 20))
    line.night(days=14)
    line.build()
    line.ask("update research_candidate.research_events set occurred_week_on = '2026-01-12'")
    line.ask("delete from research_candidate.research_users where subject_token = %s", [line.token("member 1")])
    line.ask("delete from governance.release_members where subject_token = %s", [line.token("member 1")])
    ((relation, _, offenders, _),) = line.differences()
    assert (relation, offenders) == ("research_candidate.research_events", 1)


def test_a_row_that_changes_a_published_week_is_a_violation(line):
    line.join(people("member", 20))
    happen(line, "opened", "2026-01-06", people("member", 20))
    line.night(days=14)
    line.build()
    one, two = line.token("member 1"), line.token("member 2")
    line.ask("update research_candidate.research_events set events = 2 where subject_token = %s", [one])
    line.ask("delete from research_candidate.research_events where subject_token = %s", [two])
    ((relation, _, offenders, _),) = line.differences()
    assert (relation, offenders) == ("research_candidate.research_events", 3)


def without_source(line):
    return line.ask(line.sql("violation_release_member_without_source"))


def test_who_has_no_row_in_the_source_any_more_leaves_like_who_was_deleted(line):
    line.join(people("member", 30))
    line.night()
    line.ask("delete from public.people where name in ('member 1', 'member 2')")
    line.night()
    assert len(line.released()) == 25
    assert not {line.token("member 1"), line.token("member 2")} & line.released().keys()
    line.build()
    assert without_source(line) == []


def test_a_load_that_failed_takes_nobody_from_the_release_and_holds_the_night(line):
    line.join(people("member", 30))
    line.night()
    line.delete("member 7")
    line.ask("create table public.kept as select * from public.people; delete from public.people where not is_deleted")
    assert line.enforce().withdrawn == 5, "who was deleted leaves all the same"
    assert line.build() == []
    ((relation, _, offenders, finding),) = without_source(line)
    assert (relation, offenders) == ("research.research_users", 25)
    assert "Load it in full" in finding
    line.ask("insert into public.people select * from public.kept where not is_deleted; drop table public.kept")
    line.night()
    assert len(line.released()) == 25
