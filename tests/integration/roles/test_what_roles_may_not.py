"""Each role, logged in as itself, tries what it must not."""

from __future__ import annotations

import psycopg
import pytest

from lib.logins import login

NO_PRIVILEGE = "42501"
NO_SUCH_FUNCTION = "42883"

EVERYBODY = (
    "select * from raw.users",
    "select * from staging.stg_users",
    "select * from intermediate.int_users",
    "select * from research_candidate.research_users",
    "select * from research_previous.research_users",
    "select * from governance.key_fingerprints",
    "explain select * from raw.users",
    "explain analyze select * from staging.stg_users where email like 'a%'",
    "copy raw.users to stdout",
    "select query_to_xml('select * from raw.users', true, false, '')",
    "select currtid2('raw.users', '(0,1)')",
    "do 'begin lock table raw.users; end'",
    "select * from pg_statistic",
    "select * from pg_statistic_ext_data",
    "select pg_create_logical_replication_slot('mine', 'test_decoding')",
    "select pg_current_logfile()",
    "select * from pg_file_settings",
    "select * from pg_hba_file_rules",
    "select * from pg_authid",
    "select * from pg_largeobject",
    "select lo_get(4711)",
    "select lo_import('/etc/hostname')",
    "select lo_export(4711, '/tmp/export')",
    "select pg_read_file('PG_VERSION')",
    "select pg_read_binary_file('postgresql.conf')",
    "select pg_ls_dir('.')",
    "select pg_stat_file('PG_VERSION')",
    "copy (select 1) to program 'true'",
    "copy (select 1) to '/tmp/copied'",
    "create table public.kept (email text)",
    "create table research.kept (email text)",
    "create table governance.kept (email text)",
    "create temporary table kept (email text)",
    "create schema mine",
    "create function public.mine() returns int language sql as 'select 1'",
    "create function pg_temp.mine() returns int language sql as 'select 1'",
    "create function research.mine() returns int language sql as 'select 1'",
    "create view public.mine as select 1 as one",
    "create trigger mine before update on research.research_users"
    " execute function suppress_redundant_updates_trigger()",
    "create rule mine as on select to research.research_users do instead select 'b' as subject_token",
    "create foreign data wrapper mine",
    "load 'auto_explain'",
    "alter system set log_statement = 'all'",
    "alter role analyst superuser",
    "create role mine",
    "create publication mine for all tables",
    "set role governance_job",
    "set role pg_read_all_data",
    "set session authorization governance_job",
    "alter table research.research_users rename to mine",
    "drop table research.research_users",
    "insert into research.research_users values ('b')",
    "update research.research_users set subject_token = 'b'",
    "delete from research.research_users",
    "truncate research.research_users",
    "do 'begin lock table research.research_users in access exclusive mode; end'",
    "insert into governance.purge_receipts (night) values ('2026-03-01')",
    "update governance.purge_receipts set purged_rows = 1",
    "delete from governance.tombstones",
    "delete from audit.validation_results",
)
OWN = {
    "analyst": (
        "select * from governance.tombstones",
        "select * from governance.nights",
        "select * from audit.validation_results",
        "select * from audit.violation_of_one",
        "select * from research.research_users join governance.tombstones using (subject_token)",
        "select governance.receipt_digest(null)",
        "select governance.released_rows('research_users')",
        "select * from governance.released_classes('research_users', array['subject_token'])",
        "set role auditor",
    ),
    "auditor": (
        "select * from research.research_users",
        "select * from research.research_users join governance.tombstones using (subject_token)",
        "select governance.refuse_change()",
        "set role analyst",
    ),
    "PUBLIC": (
        "select * from research.research_users",
        "select * from governance.tombstones",
        "select * from audit.violation_of_one",
        "select governance.receipt_digest(null)",
        "set role analyst",
        "set role auditor",
    ),
}
REFUSED = [
    *((role, statement, NO_PRIVILEGE) for role, own in OWN.items() for statement in (*EVERYBODY, *own)),
    *((role, "select dblink_connect('dbname=postgres')", NO_SUCH_FUNCTION) for role in OWN),
]
ALLOWED = [
    ("analyst", "select count(*) from research.research_users", 1),
    ("auditor", "select count(*) from audit.violation_of_one", 1),
    ("auditor", "select count(*) from governance.tombstones", 0),
    ("auditor", "select governance.released_rows('research_users')", 1),
    ("auditor", "select classes from governance.released_classes('research_users', array['subject_token'])", 1),
    ("auditor", "select count(*) from governance.purge_receipts as r where digest = governance.receipt_digest(r)", 1),
    ("auditor", "select count(*) from governance.privileges where role_name = 'analyst' and object_name = 'raw'", 0),
]


@pytest.mark.parametrize(("role", "statement", "sqlstate"), REFUSED, ids=[f"{r}: {s}" for r, s, _ in REFUSED])
def test_a_role_is_refused(sessions, role, statement, sqlstate):
    with pytest.raises(psycopg.Error) as refused:
        sessions[role].execute(statement)
    assert refused.value.sqlstate == sqlstate


@pytest.mark.parametrize(("role", "statement", "answer"), ALLOWED, ids=[f"{r}: {s}" for r, s, _ in ALLOWED])
def test_a_role_may_do_what_it_is_for(sessions, role, statement, answer):
    assert sessions[role].execute(statement).fetchone() == (answer,)


@pytest.mark.parametrize(("view", "seen_by_owner"), [("pg_stats", 2), ("pg_stats_ext", 2), ("pg_stats_ext_exprs", 1)])
@pytest.mark.parametrize("role", OWN)
def test_the_statistics_of_raw_tables_show_no_value(peopled, sessions, role, view, seen_by_owner):
    shown = f"select count(*) from {view} where schemaname = 'raw'"
    with peopled.connect("look as the owner") as connection:
        assert connection.execute(shown).fetchone() == (seen_by_owner,)
    assert sessions[role].execute(shown).fetchone() == (0,)


@pytest.mark.parametrize(
    ("call", "sqlstate"),
    [
        ("released_rows('research_users; drop table raw.users')", "42P01"),
        ("released_rows('research_users\" as r, raw.users as \"u')", "42P01"),
        ("released_rows('../raw/users')", "42P01"),
        ("released_classes('research_users', array['(select email from raw.users limit 1)'])", "42703"),
        (
            "released_classes('research_users', array['subject_token\") having ((select email from raw.users) > \"'])",
            "42703",
        ),
    ],
)
def test_what_an_auditor_counts_the_release_with_takes_names_only(sessions, call, sqlstate):
    with pytest.raises(psycopg.Error) as refused:
        sessions["auditor"].execute(f"select governance.{call}")
    assert refused.value.sqlstate == sqlstate


@pytest.mark.parametrize("role", OWN)
def test_another_session_s_query_is_not_shown_and_can_not_be_stopped(peopled, sessions, role):
    with peopled.connect("ask about a person") as connection:
        pid = connection.info.backend_pid
        connection.execute("select 1 from raw.users where email = 'anna@example.com'")
        shown = (
            sessions[role]
            .execute(
                "select query from pg_stat_activity where pid = %(pid)s"
                " union all"
                " select pg_stat_get_backend_activity(id) from pg_stat_get_backend_idset() as id"
                " where pg_stat_get_backend_pid(id) = %(pid)s",
                {"pid": pid},
            )
            .fetchall()
        )
        for stop in ("pg_cancel_backend", "pg_terminate_backend"):
            with pytest.raises(psycopg.Error) as refused:
                sessions[role].execute(f"select {stop}(%s)", [pid])
            assert refused.value.sqlstate == NO_PRIVILEGE
    assert shown == 2 * [("<insufficient privilege>",)]


def test_the_ledger_and_the_release_belong_to_the_job(peopled):
    with peopled.connect("look who owns what") as connection:
        others = connection.execute(
            "select relname::text from pg_class join pg_namespace as n on relnamespace = n.oid"
            " where relkind in ('r', 'p') and nspname like any (array['research%', 'governance', 'audit'])"
            " and (relowner <> 'governance_job'::regrole or nspowner <> 'governance_job'::regrole)"
        ).fetchall()
    assert others == []


def test_a_member_of_the_job_s_role_may_do_the_job(peopled):
    with login(peopled, member_of=["governance_job"]) as url, psycopg.connect(url) as connection:
        connection.execute("alter table research_candidate.research_users rename to renamed")
        connection.execute("drop table research.research_users")
        connection.execute("create temporary table kept (n int)")
        connection.rollback()
