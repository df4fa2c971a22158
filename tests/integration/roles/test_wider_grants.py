"""What somebody grants beyond the policy is listed as one right, and its remedy takes away that right and no other."""

from __future__ import annotations

import psycopg
import pytest

from lib.policies import beyond_policy

# what somebody ran → the rights beyond policy that follow: role, kind, name, column, privilege
WIDENED = {
    "grant select on raw.users to analyst": ("analyst", "relation", "raw.users", None, "SELECT"),
    "grant select (email) on raw.users to auditor": ("auditor", "relation", "raw.users", "email", "SELECT"),
    "grant select on staging.stg_users to public": ("PUBLIC", "relation", "staging.stg_users", None, "SELECT"),
    "grant usage on schema raw to public": ("PUBLIC", "schema", "raw", None, "USAGE"),
    "grant create on schema public to public": ("PUBLIC", "schema", "public", None, "CREATE"),
    "grant usage on schema research_candidate to analyst": (
        "analyst",
        "schema",
        "research_candidate",
        None,
        "USAGE",
    ),
    "grant insert on research.research_users to analyst": (
        "analyst",
        "relation",
        "research.research_users",
        None,
        "INSERT",
    ),
    "grant select on research.research_users to analyst with grant option": (
        "analyst",
        "relation",
        "research.research_users",
        None,
        "SELECT WITH GRANT OPTION",
    ),
    "grant select on research.research_users to auditor": (
        "auditor",
        "relation",
        "research.research_users",
        None,
        "SELECT",
    ),
    "grant pg_read_all_data to analyst": ("analyst", "membership", "pg_read_all_data", None, "MEMBER"),
    "grant pg_monitor to auditor": ("auditor", "membership", "pg_monitor", None, "MEMBER"),
    "grant governance_job to analyst": ("analyst", "membership", "governance_job", None, "MEMBER"),
    "alter role analyst superuser": ("analyst", "role", "analyst", None, "SUPERUSER"),
    "alter role auditor createrole": ("auditor", "role", "auditor", None, "CREATEROLE"),
    "alter role auditor bypassrls": ("auditor", "role", "auditor", None, "BYPASSRLS"),
    "alter table research.research_users owner to analyst": (
        "analyst",
        "relation",
        "research.research_users",
        None,
        "OWNERSHIP",
    ),
    "alter default privileges in schema raw grant select on tables to analyst": (
        "analyst",
        "default privileges",
        "raw.tables of {user}",
        None,
        "SELECT",
    ),
    "alter default privileges grant select on tables to public": (
        "PUBLIC",
        "default privileges",
        "tables of {user}",
        None,
        "SELECT",
    ),
    "create function audit.leak() returns text language sql as 'select email from raw.users'": (
        "PUBLIC",
        "function",
        "audit.leak()",
        None,
        "EXECUTE",
    ),
    "create function public.leak() returns text language sql security definer as 'select email from raw.users'": (
        "PUBLIC",
        "function",
        "public.leak()",
        None,
        "EXECUTE",
    ),
    "create view public.people as select email from raw.users; grant select on public.people to public": (
        "PUBLIC",
        "relation",
        "public.people",
        None,
        "SELECT",
    ),
    "create view research.people as select email from raw.users; grant select on research.people to analyst": (
        "analyst",
        "unreleased relation",
        "research.people",
        None,
        "SELECT",
    ),
    "create foreign data wrapper other; grant usage on foreign data wrapper other to analyst": (
        "analyst",
        "foreign data wrapper",
        "other",
        None,
        "USAGE",
    ),
    "create foreign data wrapper other; create server here foreign data wrapper other;"
    "grant usage on foreign server here to public": ("PUBLIC", "foreign server", "here", None, "USAGE"),
    "grant execute on function pg_read_file(text) to analyst": (
        "analyst",
        "function",
        "pg_catalog.pg_read_file(text)",
        None,
        "EXECUTE",
    ),
    "grant select on pg_statistic to public": ("PUBLIC", "relation", "pg_catalog.pg_statistic", None, "SELECT"),
    "grant select on large object 4711 to analyst": ("analyst", "large object", "4711", None, "SELECT"),
    "grant set on parameter log_statement to analyst": ("analyst", "parameter", "log_statement", None, "SET"),
    "grant temporary on database {database} to public": ("PUBLIC", "database", "{database}", None, "TEMPORARY"),
    "grant create on database {database} to analyst": ("analyst", "database", "{database}", None, "CREATE"),
}


def test_a_prepared_warehouse_grants_nothing_beyond_the_policy(peopled):
    with peopled.connect("look") as connection:
        assert beyond_policy(connection) == {}


@pytest.mark.parametrize("grant", WIDENED)
def test_a_wider_grant_is_listed_and_its_remedy_ends_it(peopled, grant):
    with psycopg.connect(peopled.url) as connection:
        here = {"user": connection.info.user, "database": connection.info.dbname}
        connection.execute(grant.format(**here))
        right = tuple(part and part.format(**here) for part in WIDENED[grant])
        found = beyond_policy(connection)
        assert set(found) == {right}
        connection.execute(found[right])
        assert beyond_policy(connection) == {}
        connection.rollback()


def test_what_stands_outside_the_governed_schemas_and_lends_nobody_its_owner_s_rights_is_its_owner_s_affair(peopled):
    with psycopg.connect(peopled.url) as connection:
        connection.execute(
            "create function public.twice(int) returns int language sql as 'select 2 * $1';"
            "create table public.kept (n int);"
            "create schema closed;"
            "create function closed.leak() returns text language sql security definer as 'select email from raw.users';"
            "create view closed.people as select email from raw.users; grant select on closed.people to public"
        )
        assert beyond_policy(connection) == {}
        connection.execute("grant usage on schema closed to public")
        assert {name for _, _, name, _, _ in beyond_policy(connection)} == {"closed.leak()", "closed.people"}
        connection.rollback()


def test_the_right_of_a_role_that_a_grant_names_is_what_its_sessions_get(peopled, sessions):
    with peopled.connect("grant too much", autocommit=True) as connection:
        connection.execute("grant usage on schema raw to analyst; grant select (email) on raw.users to analyst")
        try:
            assert sessions["analyst"].execute("select count(email) from raw.users").fetchone() == (100,)
        finally:
            for remedy in beyond_policy(connection).values():
                connection.execute(remedy)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sessions["analyst"].execute("select count(email) from raw.users")
