"""Who reads while a release is swapped or a rule is rebuilt keeps reading, and never reads more."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager

import psycopg
import pytest

from lib.checkouts import KEY
from lib.logins import login
from lib.nights import night_of
from lib.policies import beyond_policy
from privacy_governance.keys import Keys
from privacy_governance.publishing import content_digest, publish
from privacy_governance.warehouse.bootstrap import bootstrap

NIGHT = "2026-03-01"
POLICY = "0" * 64
PASSES = 2
CANDIDATE = """
create table research_candidate.research_users as
select md5(n::text) || md5(n::text) as subject_token from generate_series(1, {rows}) as n;
grant select on research_candidate.research_users to analyst;
"""
# moved before and after the one that is read: a swap that were not one transaction would take its time
OTHERS = "".join(f"create table research_candidate.{name} (n int);" for name in [*"abcdefgh", *"stuvwxyz"])


@contextmanager
def reading(url, *statements):
    """Run `statements` in a session in a loop; yields the answers so far and a wait for the next full round."""
    answers, done, failed = [], threading.Event(), []

    def read():
        try:
            with psycopg.connect(url, autocommit=True) as session:
                while not done.is_set():
                    answers.append(tuple(answer(session, statement) for statement in statements))
        except Exception as error:
            failed.append(error)

    def next_rounds():
        seen = len(answers)
        while len(answers) < seen + PASSES and not failed:
            time.sleep(0.001)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        next_rounds()
        yield answers, next_rounds
    finally:
        done.set()
        thread.join()
    assert failed == []


def answer(session, statement):
    if callable(statement):
        return statement(session)
    try:
        return session.execute(statement).fetchone()[0]
    except psycopg.Error as error:
        return error.sqlstate


def build_candidate(warehouse, rows):
    with warehouse.connect("build a candidate") as connection:
        connection.execute(CANDIDATE.format(rows=rows) + OTHERS)
    with warehouse.connect("validate it") as connection:
        connection.execute(
            "insert into governance.nights (night, state, candidate_digest) values (%s, 'validated', %s)"
            " on conflict (night) do update set state = 'validated', candidate_digest = excluded.candidate_digest",
            [NIGHT, content_digest(connection, "research_candidate")[0]],
        )


def test_an_analyst_reads_through_every_swap_and_never_the_candidate(warehouse):
    bootstrap(warehouse, fingerprints={})
    with warehouse.connect("close no period") as connection:  # dbt's part of what a publish writes down
        connection.execute("create table intermediate.int_periods__closed (relation text, closed_until date)")
    build_candidate(warehouse, 1)
    publish(warehouse, night=NIGHT, policy=POLICY)
    release = "select count(*) from research.research_users"
    candidate = "select count(*) from research_candidate.research_users"
    sizes = range(2, 8)
    with login(warehouse, member_of=["analyst"]) as analyst, login(warehouse, member_of=["auditor"]) as auditor:
        with (
            reading(analyst, release, candidate) as (answers, next_rounds),
            reading(auditor, beyond_policy) as (rights, next_rights),
        ):
            for rows in sizes:
                build_candidate(warehouse, rows)
                next_rights()
                assert publish(warehouse, night=NIGHT, policy=POLICY).is_new
                next_rounds()
        released = [each[0] for each in answers]
    assert set(released) == {1, *sizes}
    assert released == sorted(released)
    assert {each[1] for each in answers} == {"42501"}
    assert all(each == ({},) for each in rights)


def test_an_auditor_reads_through_rebuilds_and_the_rule_tells_a_grant_that_is_too_wide(checkout):
    bootstrap(checkout.warehouse, fingerprints=Keys.derive(KEY).fingerprints())
    transformations = night_of(checkout).transformations
    rule = "violation_grant_wider_than_policy"
    transformations.run("build", "role_policies", "governance_exceptions", rule)
    found = f"select string_agg(relation || ' ' || finding, '') from audit.{rule}"
    with login(checkout.warehouse, member_of=["auditor"]) as url:
        with psycopg.connect(checkout.warehouse.url, autocommit=True) as administrator:
            assert beyond_policy(administrator) == {}
            administrator.execute("grant usage on schema raw to analyst")
            wider = set(beyond_policy(administrator))
        with reading(url, found, lambda auditor: set(beyond_policy(auditor))) as (answers, next_rounds):
            transformations.run("run", rule)
            next_rounds()
        with psycopg.connect(url) as auditor:
            owner = "select tableowner::text from pg_tables where schemaname = 'audit' and tablename = %s"
            assert auditor.execute(owner, [rule]).fetchone() == ("governance_job",)
    assert answers[0] == (None, wider)
    assert {each[0] for each in answers} == {None, answers[-1][0]}
    assert all(each[1] == wider for each in answers)
    assert answers[-1][0] == (
        "raw analyst has USAGE on the schema raw, which no row of role_policies.csv allows. "
        "Run as its owner: REVOKE USAGE ON SCHEMA raw FROM analyst;"
    )


@pytest.mark.parametrize(("checks", "answer_then"), [("", 1), ("insert into governance.restore_checks", "42501")])
def test_the_release_is_closed_while_a_restored_backup_is_checked(warehouse, checks, answer_then):
    bootstrap(warehouse, fingerprints={})
    build_candidate(warehouse, 1)
    with warehouse.connect("release it") as connection:
        connection.execute("alter table research_candidate.research_users set schema research")
    release = "select count(*) from research.research_users"
    if checks:
        with warehouse.connect("open a check") as connection:
            connection.execute(f"{checks} default values")
    bootstrap(warehouse, fingerprints={})
    with login(warehouse, member_of=["analyst"]) as url, psycopg.connect(url, autocommit=True) as session:
        assert answer(session, release) == answer_then
        with warehouse.connect("close it") as connection:
            connection.execute("update governance.restore_checks set closed_at = now(), purged_rows = 0")
        bootstrap(warehouse, fingerprints={})
        assert answer(session, release) == 1
