"""A release is swapped in whole, only when validated, and readers keep their rights."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from lib.checkouts import KEY, SALT
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


def test_no_secret_of_the_tokens_stands_in_a_file_of_the_night_or_in_a_statement(published):
    secrets = [KEY.encode(), SALT.encode(), *(pad.encode() for pad in night_of(published).keys.session().values())]
    written = [file for file in published.folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts]
    assert any(file.name == "int_subjects__tokenized.sql" and "run" in file.parts for file in written)
    assert [file for file in written if any(secret in file.read_bytes() for secret in secrets)] == []
    ((database, folder),) = ask(published, "select current_database(), current_setting('data_directory')")
    log = Path(folder) / "log"
    if not log.is_file():
        pytest.skip("the warehouse's log is not on this machine")
    before = log.stat().st_size
    with published.warehouse.connect("log what is asked") as connection:
        connection.execute(f"alter database \"{database}\" set log_statement = 'all'")
    try:
        night_of(published).transformations.run("run", "int_subjects__tokenized")
    finally:
        with published.warehouse.connect("log as before") as connection:
            connection.execute(f'alter database "{database}" reset log_statement')
    statements = log.read_bytes()[before:]
    assert b"governance.research_ipad" in statements, "what makes tokens must have been asked"
    assert [secret for secret in secrets if secret in statements] == []


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
