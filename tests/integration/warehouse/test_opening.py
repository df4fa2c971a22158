"""A warehouse that a night can't run on is refused before anything was written, in one line."""

from __future__ import annotations

import pytest
from psycopg.conninfo import make_conninfo

from lib.checkouts import KEY
from privacy_governance.errors import WarehouseError
from privacy_governance.keys import Keys
from privacy_governance.settings import Settings
from privacy_governance.warehouse import Warehouse, open_warehouse
from privacy_governance.warehouse.bootstrap import bootstrap


def opened(url):
    with open_warehouse(Settings(warehouse_url=url)) as warehouse:
        return warehouse


@pytest.fixture
def newcomer(warehouse):
    """A role that may log in and nothing else."""
    with warehouse.connect("make a role", autocommit=True) as connection:
        connection.execute("create role newcomer login")
    yield make_conninfo(warehouse.url, user="newcomer")
    with warehouse.connect("drop the role", autocommit=True) as connection:
        connection.execute("drop owned by newcomer")
        connection.execute("drop role newcomer")


def test_a_server_that_does_not_answer_is_named_in_one_line():
    with pytest.raises(WarehouseError, match="can't reach PostgreSQL") as refused:
        opened("postgresql://nobody@127.0.0.1:1/nowhere")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("url", ["postgresql://nobody:se%cret@db/shop", "postgresql+psycopg://nobody:secret@db/shop"])
def test_a_url_that_cannot_be_read_is_told_how_it_is_written_and_its_password_is_not_told(url):
    with pytest.raises(WarehouseError, match="WAREHOUSE_URL can't be read") as refused:
        opened(url)
    assert "cret" not in str(refused.value)


def test_a_role_that_may_not_create_schemas_is_told_the_grant_it_needs(newcomer):
    with pytest.raises(WarehouseError, match="GRANT CREATE ON DATABASE"):
        opened(newcomer)


def test_a_role_that_only_reads_is_refused(warehouse, newcomer):
    with warehouse.connect("make it read-only", autocommit=True) as connection:
        connection.execute("alter role newcomer set default_transaction_read_only = on")
    with pytest.raises(WarehouseError, match="read-only for role newcomer"):
        opened(newcomer)


@pytest.mark.parametrize(
    ("force", "remedy"), [("", "GRANT loader TO newcomer;"), ("force", "ALTER ROLE newcomer BYPASSRLS;")]
)
def test_a_role_that_row_security_hides_rows_from_is_told_what_ends_that(warehouse, newcomer, force, remedy):
    with warehouse.connect("hide a row") as connection:
        connection.execute("create role loader; create schema raw authorization loader")
        connection.execute("create table raw.users (id text); alter table raw.users enable row level security")
        connection.execute("alter table raw.users owner to loader; insert into raw.users values ('hidden')")
        connection.execute(f"grant create on database {connection.info.dbname} to newcomer")
        connection.execute("grant usage on schema raw to newcomer; grant select, delete on raw.users to newcomer")
        if force:
            connection.execute("alter table raw.users force row level security; grant loader to newcomer")
    try:
        with pytest.raises(WarehouseError, match=r"row security hides rows of raw\.users") as refused:
            opened(newcomer)
        with pytest.raises(WarehouseError, match="row-level security"), Warehouse(newcomer).connect("purge") as purge:
            purge.execute("delete from raw.users")
        assert str(refused.value).endswith(f"Run as an administrator: {remedy}")
        with warehouse.connect("do as told") as connection:
            connection.execute(remedy)
        with opened(newcomer).connect("purge") as purge:
            assert purge.execute("delete from raw.users").rowcount == 1
    finally:
        with warehouse.connect("drop the role") as connection:
            connection.execute("drop schema raw cascade; drop role loader")


def test_another_key_than_the_first_is_refused_because_tombstones_would_match_nobody(warehouse):
    bootstrap(warehouse, fingerprints=Keys.derive(KEY).fingerprints())
    with pytest.raises(WarehouseError, match="not the key"):
        bootstrap(warehouse, fingerprints=Keys.derive("another key than before").fingerprints())


def test_a_failed_statement_is_told_without_the_value_that_failed(warehouse):
    with pytest.raises(WarehouseError) as refused, warehouse.connect("read a number") as connection:
        connection.execute("select 'anna@example.com'::int")
    assert str(refused.value) == "read a number: PostgreSQL refused: InvalidTextRepresentation [22P02]"


def test_the_ledger_can_not_be_edited(warehouse):
    bootstrap(warehouse, fingerprints=Keys.derive(KEY).fingerprints())
    with warehouse.connect("write a receipt") as connection:
        connection.execute(
            "insert into governance.purge_receipts (night, relation, reason, purged_rows)"
            " values ('2026-03-01', 'raw.tracks', 'retention', 5)"
        )
    for change in ("update governance.purge_receipts set purged_rows = 1", "truncate governance.purge_receipts"):
        with pytest.raises(WarehouseError, match="append-only"), warehouse.connect("edit it") as connection:
            connection.execute(change)


def test_a_receipt_continues_the_chain_of_the_one_before(warehouse):
    bootstrap(warehouse, fingerprints=Keys.derive(KEY).fingerprints())
    with warehouse.connect("write receipts") as connection:
        for relation in ("raw.tracks", "raw.pages"):
            connection.execute(
                "insert into governance.purge_receipts (night, relation, reason, purged_rows)"
                " values ('2026-03-01', %s, 'retention', 5)",
                [relation],
            )
        rows = connection.execute(
            "select previous_digest, digest, governance.receipt_digest(r) from governance.purge_receipts as r"
            " order by receipt_id"
        ).fetchall()
    assert rows[0][0] == "0" * 64
    assert rows[1][0] == rows[0][1]
    assert all(digest == recomputed for _, digest, recomputed in rows)


def test_auditors_and_analysts_may_read_what_is_theirs_and_nothing_else(warehouse):
    bootstrap(warehouse, fingerprints=Keys.derive(KEY).fingerprints())
    with warehouse.connect("ask for privileges") as connection:
        may = {
            (role, schema): connection.execute(
                "select has_schema_privilege(%s, %s, 'USAGE')", [role, schema]
            ).fetchone()
            == (True,)
            for role in ("analyst", "auditor")
            for schema in ("raw", "staging", "intermediate", "research_candidate", "research", "governance", "audit")
        }
    assert {each for each, granted in may.items() if granted} == {
        ("analyst", "research"),
        ("auditor", "governance"),
        ("auditor", "audit"),
    }


def test_the_server_is_too_old_is_said_with_both_versions(warehouse, monkeypatch):
    monkeypatch.setattr("privacy_governance.warehouse.opening.MINIMUM_VERSION", 990000)
    with pytest.raises(WarehouseError, match=r"the warehouse runs PostgreSQL \d+.*15 or newer is needed"):
        opened(warehouse.url)


def test_a_url_with_a_password_is_never_repeated():
    with pytest.raises(WarehouseError) as refused:
        opened("postgresql://nobody:hunter2@127.0.0.1:1/nowhere")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("read", ["table governance.releases", "lock table governance.reviews"])
def test_a_warehouse_without_a_night_is_told_to_run_one(warehouse, read):
    with warehouse.connect("begin anew") as connection:
        connection.execute("drop schema if exists governance cascade")
    with pytest.raises(WarehouseError, match="Run govern nightly"), warehouse.connect("list releases") as connection:
        connection.execute(read)
