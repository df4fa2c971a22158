"""The previous release is kept, purged, closed to readers, and can be returned to; a token period ends all of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lib.checkouts import KEY
from privacy_governance import rotating, salts
from privacy_governance.errors import PublishingBlockedError, SettingsError, StepError
from privacy_governance.keys import Keys, read_keys
from privacy_governance.publishing import history, publish, rollback
from privacy_governance.settings import Settings

POLICY = "0" * 64
START = date(2026, 1, 5)


def people(prefix, count):
    return [f"{prefix} {n}" for n in range(count)]


@pytest.fixture
def two_releases(line):
    """Twenty members, then six newcomers."""
    line.join(people("member", 20))
    line.night()
    line.ask("grant select on research.research_users, research.research_events to analyst")
    line.join(people("newcomer", 6))
    line.night()
    line.ask("grant select on research.research_users, research.research_events to analyst")
    return line


def may_read(line, relation, role="analyst"):
    ((table, schema),) = line.ask(
        "select has_table_privilege(%s, %s, 'select'), has_schema_privilege(%s, %s, 'usage')",
        [role, relation, role, relation.split(".")[0]],
    )
    return table, schema


def test_the_previous_release_is_kept_and_nobody_may_read_it(two_releases):
    line = two_releases
    assert len(line.released("research_previous")) == 20
    assert len(line.released()) == 26
    assert may_read(line, "research_previous.research_users") == (False, False)
    assert may_read(line, "research.research_users") == (True, True)


def test_a_rollback_puts_the_previous_release_before_readers_with_their_rights_and_is_recorded(two_releases):
    line = two_releases
    returned = rollback(line.warehouse, reason="the plan was mapped wrongly")
    assert len(line.released()) == 20
    assert len(line.released("research_previous")) == 26
    assert may_read(line, "research.research_users") == (True, True)
    assert may_read(line, "research_previous.research_users") == (False, False)
    first = history(line.connection)[-1]
    assert (returned.kind, returned.content, returned.reason) == (
        "rollback",
        first.release_id,
        "the plan was mapped wrongly",
    )
    assert returned.content_digest == first.content_digest
    rollback(line.warehouse)
    assert len(line.released()) == 26


def test_nights_after_a_rollback_go_on_from_the_newest_release_whoever_read_it(two_releases):
    line = two_releases
    rollback(line.warehouse)
    line.join(people("later", 5), plan="pro")
    line.on += timedelta(days=1)
    line.enforce()
    assert line.build() == []
    line.publish()
    assert len(line.released()) == 31
    assert line.ask("select cohort, count(*) from governance.release_members group by 1 order by 1") == [
        (1, 20),
        (2, 6),
        (3, 5),
    ]


def test_what_was_rolled_back_is_not_published_again_by_itself(two_releases):
    line = two_releases
    rollback(line.warehouse, reason="mapped wrongly")
    line.on += timedelta(days=1)
    line.enforce()
    line.build()
    with pytest.raises(PublishingBlockedError, match=r"rolled back \(mapped wrongly\)"):
        line.publish()
    assert len(line.released()) == 20


def test_a_deleted_subject_leaves_the_previous_release_too(two_releases):
    line = two_releases
    line.delete("member 3")
    line.on += timedelta(days=1)
    line.enforce()
    for schema in ("research", "research_previous"):
        assert line.token("member 3") not in line.released(schema)
    assert line.released("research_previous").keys() <= line.released().keys()


def test_a_rollback_that_would_bring_back_who_was_deleted_is_refused(two_releases):
    line = two_releases
    line.delete("member 3")
    with pytest.raises(PublishingBlockedError, match=r"research_previous\.research_users holds 1 subject"):
        rollback(line.warehouse)
    assert len(line.released()) == 26
    line.on += timedelta(days=1)
    line.enforce()
    rollback(line.warehouse)
    assert line.token("member 3") not in line.released()


def test_the_first_release_has_none_to_return_to(line):
    line.join(people("member", 20))
    line.night()
    with pytest.raises(StepError, match="no previous release is kept"):
        rollback(line.warehouse)


def test_an_older_night_does_not_replace_a_newer_release(two_releases):
    line = two_releases
    newest = line.on
    line.join(people("later", 5))
    line.on -= timedelta(days=1)
    line.build()
    with pytest.raises(PublishingBlockedError, match=f"night {newest} is published already"):
        line.publish()
    assert len(line.released()) == 26


def test_a_publish_killed_before_its_end_leaves_members_and_release_as_they_were(two_releases, monkeypatch):
    line = two_releases
    line.join(people("later", 5))
    line.on += timedelta(days=1)
    line.enforce()
    line.build()
    before = line.ask("select * from governance.release_members order by 1"), line.released()
    monkeypatch.setattr("privacy_governance.publishing.swapping.move", _die)
    with pytest.raises(KeyboardInterrupt):
        line.publish()
    monkeypatch.undo()
    assert (line.ask("select * from governance.release_members order by 1"), line.released()) == before
    assert line.publish().is_new
    assert len(line.released()) == 31


def _die(*_):
    raise KeyboardInterrupt


@pytest.fixture
def rotated(lines, tmp_path):
    """A line that keeps its salt in files, with a release; then the night of the next period has begun."""
    settings = Settings(govern_key=KEY, research_salt=None, state_dir=tmp_path, token_period_months=3)
    line = lines(read_keys(settings, night=START), settings)
    line.settings = settings
    line.join(people("member", 20))
    line.ask("insert into public.happenings select name, 'opened', timestamptz '2026-01-07' from public.people")
    line.night(days=14)
    line.former = line.keys
    line.on = line.on.replace(month=4, day=1)
    line.keys = read_keys(settings, night=line.on)
    assert rotating.follow(line.warehouse, settings, line.keys, night=line.on)
    line.ask(
        "update public.people set token = subject.research_token from intermediate.int_subjects__tokenized as subject"
        " where subject.subject_id = people.name"
    )
    return line


def former_token(line, name):
    return line.former.token("research", name)


def test_the_warehouse_s_tokens_are_those_of_the_new_salt_and_rotating_again_changes_nothing(rotated):
    line = rotated
    found = dict(line.ask("select subject_id, research_token from intermediate.int_subjects__tokenized"))
    assert found == {name: line.keys.token("research", name) for name in people("member", 20)}
    assert not rotating.follow(line.warehouse, line.settings, line.keys, night=line.on)
    assert line.ask("select count(*) from governance.key_periods") == [(2,)]


def test_until_the_next_publish_a_deletion_finds_its_rows_in_the_standing_release(rotated):
    line = rotated
    line.delete("member 3")
    assert line.enforce().withdrawn == 5
    assert former_token(line, "member 3") not in line.released()
    assert len(line.released()) == 15


def test_a_release_holds_no_row_of_who_is_tombstoned_even_before_anybody_is_withdrawn(rotated):
    line = rotated
    line.delete("member 3")
    line.purge()
    assert former_token(line, "member 3") not in line.released()
    assert former_token(line, "member 4") in line.released()


def test_the_first_release_of_a_period_shares_no_token_with_those_before_and_keeps_none_of_them(rotated):
    line = rotated
    before = line.released()
    line.enforce()
    assert line.released() == before, "nobody leaves because of the rotation"
    line.build()
    line.publish()
    assert len(line.released()) == 20
    assert not before.keys() & line.released().keys()
    assert line.released("research_previous") == {}
    assert line.ask("select count(*) from governance.former_research_tokens") == [(0,)]
    tokens = {token for (token,) in line.ask("select subject_token from governance.release_members")}
    assert tokens == line.released().keys()
    with pytest.raises(StepError, match="first one of a token period"):
        rollback(line.warehouse)


def test_the_first_release_of_a_period_holds_the_weeks_of_before_under_its_own_tokens(rotated):
    line = rotated
    weeks = "select occurred_week_on, count(*) from research.research_events group by 1"
    before = line.ask(weeks)
    assert [count for _, count in before] == [20]
    line.enforce()
    line.build()
    line.publish()
    assert line.ask(weeks) == before
    tokens = {token for (token,) in line.ask("select subject_token from research.research_events")}
    assert tokens == line.released().keys()


def test_the_old_salt_is_destroyed_with_the_first_release_of_the_new_period_and_it_is_recorded(rotated):
    line = rotated
    assert rotating.destroy_former(line.warehouse, line.settings) == 0, "the standing release still has its tokens"
    assert len(salts.files(line.settings)) == 2
    line.enforce()
    line.build()
    line.publish()
    assert rotating.destroy_former(line.warehouse, line.settings) == 1
    assert len(salts.files(line.settings)) == 1
    assert line.ask("select period, destroyed_at is not null from governance.key_periods order by 1") == [
        (1, True),
        (2, False),
    ]
    makeable = {read_keys(line.settings).token("research", name) for name in people("member", 20)}
    assert former_token(line, "member 3") not in makeable


def test_no_old_token_is_left_in_the_warehouse(rotated):
    line = rotated
    line.enforce()
    line.build()
    line.publish()
    former = [former_token(line, name) for name in people("member", 20)]
    text_columns = line.ask(
        "select table_schema, table_name, column_name from information_schema.columns"
        " where table_schema in ('intermediate', 'governance', 'research', 'research_previous', 'research_candidate')"
        " and data_type = 'text'"
    )
    assert len(text_columns) > 50
    for schema, table, column in text_columns:
        held = line.ask(f'select count(*) from {schema}.{table} where "{column}" = any(%s)', [former])
        assert held == [(0,)], f"{schema}.{table}.{column}"


def test_a_retired_salt_makes_no_tokens_again(rotated):
    with pytest.raises(SettingsError, match="over"):
        rotating.follow(rotated.warehouse, rotated.settings, rotated.former, night=rotated.on)


def test_a_candidate_of_the_former_period_is_not_published(rotated, tmp_path):
    line = rotated
    line.build()
    salts.make(line.settings, line.on)
    line.keys = read_keys(line.settings)
    rotating.follow(line.warehouse, line.settings, line.keys, night=line.on)
    assert not line.exists("research_candidate.research_users")


def test_a_salt_of_the_environment_that_outlived_its_period_holds_publishing(line):
    settings = Settings(govern_key=KEY, research_salt="a salt of a backend", token_period_months=3)
    rotating.require_current(line.connection, settings, night=line.on)
    with pytest.raises(PublishingBlockedError, match="GOVERN_RESEARCH_SALT"):
        rotating.require_current(line.connection, settings, night=line.on.replace(month=4))


def test_a_published_night_says_its_policy_and_period(two_releases):
    published = history(two_releases.connection)
    assert [(each.kind, each.policy_digest, each.period) for each in published] == [("publish", POLICY, 1)] * 2
    assert not publish(two_releases.warehouse, night=two_releases.on.isoformat(), policy=POLICY).is_new
    assert history(two_releases.connection) == published
    assert Keys.derive(KEY, salt="x").period_fingerprint != published[0].content_digest
