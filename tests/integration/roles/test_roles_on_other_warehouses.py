"""Roles on a warehouse whose nights' login is no superuser: what it lacks is said as statements to run."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from lib.policies import beyond_policy
from privacy_governance.errors import WarehouseError
from privacy_governance.warehouse import Warehouse
from privacy_governance.warehouse.bootstrap import bootstrap
from privacy_governance.warehouse.embedded import embedded_server

ADMINISTRATOR_RUNS = "Run as an administrator: "


@pytest.fixture(scope="module")
def server():
    """A server of this module's own, on which no role exists yet; its database is a warehouse in use."""
    folder = Path(tempfile.mkdtemp(prefix="governance-tests-"))  # pytest's own folders are closed to the server's user
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        url = stack.enter_context(embedded_server(folder / "warehouse"))
        with psycopg.connect(url, autocommit=True) as administrator:
            administrator.execute("create role loader nologin; create role nights login; create role successor login")
            administrator.execute("grant loader to nights; create schema raw authorization loader")
            administrator.execute("create table raw.users (id text); alter table raw.users owner to loader")
            administrator.execute("grant create on database postgres to nights, successor")
        yield url


def prepare(url, login):
    bootstrap(Warehouse(make_conninfo(url, user=login)), fingerprints={})


def test_roles_that_are_missing_are_told_as_statements(server):
    with pytest.raises(WarehouseError) as refused:
        prepare(server, "nights")
    assert str(refused.value).endswith(
        f"{ADMINISTRATOR_RUNS}CREATE ROLE analyst NOLOGIN; CREATE ROLE auditor NOLOGIN; "
        'CREATE ROLE governance_job NOLOGIN; GRANT "governance_job" TO "nights";'
    )


def test_a_login_that_may_create_roles_needs_no_administrator(server):
    with psycopg.connect(server, autocommit=True) as administrator:
        administrator.execute("alter role nights createrole")
        prepare(server, "nights")
        prepare(server, "nights")
        owners = administrator.execute(
            "select nspname::text, nspowner::regrole::text from pg_namespace where nspname in ('governance', 'raw')"
        )
        assert dict(owners.fetchall()) == {"governance": "governance_job", "raw": "loader"}
        may_log_in = "select count(*) from pg_roles where rolcanlogin and rolname in ('analyst', 'auditor')"
        assert administrator.execute(may_log_in).fetchone() == (0,)


def test_what_only_the_database_s_owner_can_take_away_is_listed_and_the_nights_keep_it(server):
    with psycopg.connect(server, autocommit=True) as administrator:
        (right, remedy), *others = beyond_policy(administrator).items()
        assert (right, others) == (("PUBLIC", "database", "postgres", None, "TEMPORARY"), [])
        administrator.execute(remedy)
        assert beyond_policy(administrator) == {}
        administrator.execute("grant select on governance.nights to nights")
    with psycopg.connect(make_conninfo(server, user="nights")) as nights:
        nights.execute("create temporary table loaded (id text)")


def test_a_login_that_is_no_member_of_the_job_s_role_is_told_the_grant(server):
    with pytest.raises(WarehouseError, match="no member of governance_job") as refused:
        prepare(server, "successor")
    with psycopg.connect(server, autocommit=True) as administrator:
        administrator.execute(str(refused.value).partition(ADMINISTRATOR_RUNS)[2])
        administrator.execute("grant nights to successor")
    prepare(server, "successor")


def test_a_ledger_that_another_role_owns_is_told_as_statements(server):
    with psycopg.connect(server, autocommit=True) as administrator:
        administrator.execute("alter table governance.nights owner to postgres")
        with pytest.raises(WarehouseError, match="another role owns 1 of") as refused:
            prepare(server, "nights")
        administrator.execute(str(refused.value).partition(ADMINISTRATOR_RUNS)[2])
        prepare(server, "nights")
