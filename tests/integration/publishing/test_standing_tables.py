"""A released table that nothing changes is not made again: both releases have it, and a rollback leaves it in place.

One that only grows is appended to: the release that is kept shows what it held before, and gets it as a table of its
own when readers return to it.
"""

from __future__ import annotations

from datetime import date

import pytest

from lib.nights import govern_night, night_of
from privacy_governance.errors import PublishingBlockedError
from privacy_governance.manifest import read_manifest
from privacy_governance.night import anonymize, publish
from privacy_governance.publishing import content_digest, rollback
from privacy_governance.warehouse.catalog import columns_in

# the next week closes on Monday the 9th
FIRST, SECOND, THIRD, CLOSING = (date(2026, 3, day) for day in (2, 3, 4, 9))
EVENTS, CANDIDATE = "research.research_events", "research_candidate.research_events"
NEWCOMERS = """
insert into raw.users (id, received_at, created_at, birthday, address_country, plan, marketing_opt_in)
select '{0} ' || n, now(), now(), date '1990-01-01', 'XX', '{0}', true from generate_series(1, 6) as n
"""
WITHDRAW = "update governance.release_members set withdrawn_on = '2026-03-04' where subject_token = '{}'"
KINDS = """
select relnamespace::regnamespace::text, relkind::text from pg_class
where relname = 'research_events' and relnamespace::regnamespace::text like 'research%' order by 1
"""
BESIDE = """
select relname from pg_class
where relnamespace::regnamespace::text like 'research%' and relname ~ '__(closed|before)$'
"""
TABLES = (
    "research_events",
    "research_revenue",
    "research_signup_funnel",
    "research_survey_responses",
    "research_users",
    "research_weekly_actives",
)


def ask(checkout, query, *, role=None):
    with checkout.warehouse.connect("look") as connection:
        if role:
            connection.execute(f"set role {role}")
        cursor = connection.execute(query)
        return cursor.fetchall() if cursor.description else []


def count(checkout, relation, *, role=None):
    return ask(checkout, f"select count(*) from {relation}", role=role)[0][0]


def join(checkout, plan, on):
    """Let six people join whom nobody else is like."""
    ask(checkout, NEWCOMERS.format(plan))
    night_of(checkout, on).transformations.run("run", "staging", "intermediate.subjects", "intermediate.retention")


def build(checkout, on):
    """Build the candidate of `on`; say that it holds what it must."""
    anonymize(night_of(checkout, on))
    with checkout.warehouse.connect("validate") as connection:
        connection.execute(
            "insert into governance.nights (night, state, violations, candidate_digest) values (%s, 'validated', 0, %s)"
            " on conflict (night) do update set state = 'validated', candidate_digest = excluded.candidate_digest",
            [on, content_digest(connection, "research_candidate")[0]],
        )


@pytest.fixture(scope="module")
def project(governed):
    """A warehouse whose first night was published."""
    assert govern_night(governed, FIRST) is None
    return governed


@pytest.fixture(scope="module")
def grown(project):
    """The same with newcomers, who changed one table: it is published, the events stand."""
    before = ask(project, f"select 'research.research_events'::regclass::oid, count(*) from {EVENTS}")
    join(project, "first", SECOND)
    build(project, SECOND)
    assert ("research_candidate", "v") in ask(project, KINDS)
    publish(night_of(project, SECOND))
    assert ask(project, f"select 'research.research_events'::regclass::oid, count(*) from {EVENTS}") == before
    return project


def test_both_releases_have_the_table_that_stands_and_only_one_of_them_its_readers(grown):
    assert ask(grown, KINDS) == [("research", "r"), ("research_previous", "v")]
    assert count(grown, EVENTS, role="analyst") == count(grown, "research_previous.research_events") > 0
    assert count(grown, "research.research_users") == count(grown, "research_previous.research_users") + 6
    with pytest.raises(Exception, match="permission denied"):
        count(grown, "research_previous.research_events", role="analyst")


def test_a_night_that_changes_nothing_has_a_view_for_a_candidate_and_publishes_nothing(grown):
    releases = ask(grown, "select * from governance.releases")
    build(grown, SECOND)
    publish(night_of(grown, SECOND))
    assert ask(grown, "select * from governance.releases") == releases
    assert ask(grown, KINDS) == [("research", "r"), ("research_previous", "v")]


def test_a_rollback_and_the_next_leave_the_table_that_both_have_in_its_place(grown):
    users, events = count(grown, "research.research_users"), count(grown, EVENTS)
    for expected in (users - 6, users):
        rollback(grown.warehouse)
        assert count(grown, "research.research_users", role="analyst") == expected
        assert count(grown, EVENTS, role="analyst") == events
        assert ask(grown, KINDS) == [("research", "r"), ("research_previous", "v")]


def test_a_candidate_on_a_table_that_is_not_the_release_any_more_is_not_published(grown):
    join(grown, "second", THIRD)
    build(grown, THIRD)
    ask(grown, f"alter table {EVENTS} rename to put_aside; create table {EVENTS} (like research.put_aside)")
    try:
        with pytest.raises(PublishingBlockedError, match=r"research\.research_events is another table"):
            publish(night_of(grown, THIRD))
    finally:
        ask(grown, f"drop table {EVENTS}; alter table research.put_aside rename to research_events")


def test_another_policy_makes_the_table_anew(grown):
    ask(grown, "create table public.policies as select release_id, policy_digest from governance.releases")
    ask(grown, "update governance.releases set policy_digest = repeat('0', 64)")
    build(grown, THIRD)
    assert ("research_candidate", "r") in ask(grown, KINDS)
    ask(
        grown,
        "update governance.releases as release set policy_digest = before.policy_digest from public.policies as before"
        " where release.release_id = before.release_id",
    )


def test_who_is_purged_from_a_table_that_both_have_is_in_neither(grown):
    leaver = ask(grown, f"select min(subject_token) from {EVENTS}")[0][0]
    kept = f"select count(*) from {{}} where subject_token = '{leaver}'"
    ask(grown, WITHDRAW.format(leaver))
    doomed = [f"int_{kept}research_{of}__doomed" for kept in ("", "previous_") for of in ("events", "users")]
    night_of(grown, THIRD).transformations.run("run", *doomed)
    for relation in (EVENTS, "research_previous.research_events"):
        assert ask(grown, kept.format(relation)) == [(0,)]
        assert count(grown, relation) > 0


@pytest.fixture(scope="module")
def appended(grown):
    """The same after a night on which a week closed, with what the release held and what the whole model would say."""
    night, table = night_of(grown, CLOSING), ask(grown, f"select '{EVENTS}'::regclass::oid")
    build(grown, CLOSING)
    assert ("research_candidate", "v") in ask(grown, KINDS)
    (model,) = (m for m in read_manifest(night.settings.dbt_project / "target").models if m.name == "research_events")
    with night.warehouse.connect("all of the model", session=night.session) as connection:
        connection.execute(f"create table public.whole as {model.sql}")
        connection.execute(f"create table public.held as table {EVENTS}")
        # a night that is refused leaves it, and the next one has nothing to declare of what is beside it
        assert len(connection.execute(BESIDE).fetchall()) == 2
        assert {relation.split(".")[1] for relation in columns_in(connection, ["research_candidate"])} == set(TABLES)
    assert differences(grown, "public.whole", CANDIDATE) == (0, 0)
    publish(night)
    assert ask(grown, f"select '{EVENTS}'::regclass::oid") == table
    return grown


def differences(checkout, one, other):
    """Rows that are in one relation only, and those that are in the other only."""
    apart = "select count(*) from (select * from {} except all select * from {}) as d"
    return ask(checkout, apart.format(one, other))[0][0], ask(checkout, apart.format(other, one))[0][0]


def test_a_week_that_closes_is_appended_as_the_whole_model_would_say_it(appended):
    assert count(appended, "public.whole") > count(appended, "public.held") > 0
    assert differences(appended, EVENTS, "public.whole") == (0, 0)
    assert count(appended, EVENTS, role="analyst") == count(appended, "public.whole")
    assert ask(appended, BESIDE) == []


def test_the_release_that_is_kept_shows_no_week_that_was_appended_after_it(appended):
    assert ask(appended, KINDS) == [("research", "r"), ("research_previous", "v")]
    assert differences(appended, "research_previous.research_events", "public.held") == (0, 0)
    with pytest.raises(Exception, match="permission denied"):
        count(appended, "research_previous.research_events", role="analyst")


def test_a_return_to_before_a_week_was_appended_takes_it_from_readers_and_the_next_brings_it_back(appended):
    for expected in ("public.held", "public.whole"):
        rollback(appended.warehouse)
        assert differences(appended, EVENTS, expected) == (0, 0)
        assert count(appended, EVENTS, role="analyst") == count(appended, expected)
        assert ask(appended, KINDS) == [("research", "r"), ("research_previous", "r")]
        with pytest.raises(Exception, match="permission denied"):
            count(appended, "research_previous.research_events", role="analyst")


LEFT = {
    "violation_release_difference": (
        f"update governance.release_members set withdrawn_on = '2026-03-09' where subject_token = (select min("
        f"subject_token) from {EVENTS})",
        "update governance.release_members set withdrawn_on = null where withdrawn_on = '2026-03-09'",
    ),
    "violation_row_past_retention": (
        f"insert into {EVENTS} select subject_token, 'old', '2001-01-01', 1 from research.research_users limit 5",
        f"delete from {EVENTS} where event_name = 'old'",
    ),
    "violation_release_under_k": (
        f"insert into {EVENTS} select subject_token, 'rare', '2026-02-16', 1 from research.research_users limit 4",
        f"delete from {EVENTS} where event_name = 'rare'",
    ),
}


def findings(checkout, rule):
    night_of(checkout, CLOSING).transformations.run("run", rule)
    return ask(checkout, f"select offenders from audit.{rule} where relation = '{CANDIDATE}'")


def test_a_table_that_nothing_must_leave_stands_and_no_rule_minds(appended):
    build(appended, CLOSING)
    assert ("research_candidate", "v") in ask(appended, KINDS)
    assert [finding for rule in LEFT for finding in findings(appended, rule)] == []


@pytest.mark.parametrize("rule", LEFT)
def test_a_rule_refuses_what_stands_with_rows_that_the_purge_should_have_taken(appended, rule):
    come, go = LEFT[rule]
    ask(appended, come)
    build(appended, CLOSING)
    found = findings(appended, rule)
    ask(appended, go)
    assert len(found) == 1
