"""A release is swapped in whole, only when validated, and readers keep their rights."""

from __future__ import annotations

import threading

import pytest

from lib.nights import ON, govern_night, night_of
from privacy_governance.errors import PublishingBlockedError
from privacy_governance.night import anonymize, validate
from privacy_governance.publishing import content_digest, publish

POLICY = "0" * 64
CLASS_OF_TWO = """
insert into research_candidate.research_users
select md5(n::text) || md5(n::text), 'XX', 'free', '25-34', true from generate_series(1, 2) as n
"""
NEWCOMERS = """
insert into raw.users (id, received_at, created_at, birthday, address_country, plan, marketing_opt_in)
select 'newcomer ' || n, %s, %s, date '1990-01-01', 'XX', 'free', true from generate_series(1, 6) as n
"""


def ask(checkout, query, *, role=None):
    with checkout.warehouse.connect("look") as connection:
        if role:
            connection.execute(f"set role {role}")
        return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def published(governed):
    """A warehouse whose night was published."""
    assert govern_night(governed) is None
    return governed


def test_an_analyst_reads_the_release_and_not_what_it_was_made_of(published):
    assert ask(published, "select count(*) > 0 from research.research_users", role="analyst") == [(True,)]
    with pytest.raises(Exception, match="permission denied"):
        ask(published, "select 1 from raw.users", role="analyst")


def test_the_candidate_is_gone_once_it_is_the_release(published):
    assert ask(published, "select count(*) from pg_tables where schemaname = 'research_candidate'") == [(0,)]


def test_publishing_again_changes_nothing(published):
    before = ask(published, "select * from governance.releases"), ask(published, "select * from governance.nights")
    assert not publish(published.warehouse, night=ON.isoformat(), policy=POLICY).is_new
    after = ask(published, "select * from governance.releases"), ask(published, "select * from governance.nights")
    assert after == before


def test_a_night_that_was_not_validated_is_not_published(published):
    with pytest.raises(PublishingBlockedError, match="not validated"):
        publish(published.warehouse, night="2026-03-09", policy=POLICY)


def test_a_candidate_that_changed_after_its_validation_is_not_published(published):
    night = night_of(published)
    anonymize(night)
    validate(night)
    before = ask(published, "select count(*) from research.research_users")
    with published.warehouse.connect("change the candidate") as connection:
        connection.execute(CLASS_OF_TWO)
    with pytest.raises(PublishingBlockedError, match="changed after its validation"):
        publish(published.warehouse, night=ON.isoformat(), policy=POLICY)
    assert ask(published, "select count(*) from research.research_users") == before


def test_a_candidate_with_a_class_under_k_is_refused_and_the_release_stays(published):
    night = night_of(published)
    anonymize(night)
    with published.warehouse.connect("plant a small class") as connection:
        connection.execute(CLASS_OF_TWO)
        before = content_digest(connection, "research")
    with pytest.raises(PublishingBlockedError, match="violation_release_under_k"):
        validate(night)
    with published.warehouse.connect("look") as connection:
        assert content_digest(connection, "research") == before
    assert ask(published, "select count(*) from research.research_users where country_code = 'XX'") == [(0,)]


def test_a_reader_never_sees_a_missing_or_an_empty_release(published):
    night = night_of(published)
    with published.warehouse.connect("make the next release differ") as connection:
        connection.execute(NEWCOMERS, [ON, ON])
    night.transformations.run("run", "staging", "intermediate.subjects")
    anonymize(night)
    validate(night)
    seen, done = [], threading.Event()

    def read():
        while not done.is_set():
            seen.append(ask(published, "select count(*) from research.research_users", role="analyst")[0][0])

    reader = threading.Thread(target=read)
    reader.start()
    try:
        assert publish(published.warehouse, night=ON.isoformat(), policy=POLICY).is_new
    finally:
        done.set()
        reader.join()
    assert seen
    assert min(seen) > 0
