"""What the incremental models know of identifiers goes with the last row that names them, and never before."""

from __future__ import annotations

import pytest

from lib.retained import ON
from privacy_governance import tracing

ROWS = """
insert into raw.pages (id, user_id, anonymous_id, received_at, uuid_ts) values
    ('a', 'gone', 'gone browser', '2020-01-01', '2020-01-01'),
    ('b', 'stays', 'old browser', '2020-01-01', '2020-01-01'),
    ('c', 'stays', 'new browser', '2026-02-01', '2026-02-01'),
    ('d', 'held', 'held browser', '2020-01-01', '2020-01-01'),
    ('e', 'asks', 'asking browser', '2020-01-01', '2020-01-01');
insert into raw.screens (id, user_id, context_device_id, received_at, uuid_ts) values
    ('f', 'in a partition', 'device in a partition', '2021-06-01', '2021-06-01'),
    ('g', 'in a partition', 'named elsewhere', '2021-06-01', '2021-06-01'),
    ('h', 'in another', 'named elsewhere', '2026-02-01', '2026-02-01');
insert into raw.legal_holds (hold_id, user_id, starts_on) values ('h', 'held', '2026-01-01');
insert into intermediate.int_identifiers__tokenized (identifier_kind, identifier, ledger_token, identifier_id)
select kind, identifier, encode(sha256(convert_to(identifier, 'UTF8')), 'hex'), md5(identifier)::uuid
from (
    select 'user_id' as kind, user_id as identifier from raw.pages
    union select 'user_id', user_id from raw.screens
    union select 'anonymous_id', anonymous_id from raw.pages
    union select 'device_id', context_device_id from raw.screens
) as seen;
insert into intermediate.int_subjects__tokenized (subject_id, ledger_token, research_token)
select identifier, repeat(md5(identifier), 2), repeat(md5('r' || identifier), 2)
from intermediate.int_identifiers__tokenized where identifier_kind = 'user_id';
insert into intermediate.int_identifiers__linked (identifier_id, identifier_kind, linked_id, linked_kind, is_alias)
select md5(user_id)::uuid, 'user_id', md5(anonymous_id)::uuid, 'anonymous_id', false
from raw.pages;
insert into governance.deletion_requests (request_id, regulation_type, received_at, confirm_by, due_on, state)
values ('open', 'DELETE_ONLY', '2026-02-20', '2026-03-01', '2026-04-01', 'received');
insert into governance.request_identifiers (request_id, identifier_kind, identifier_token, path, is_shared)
select 'open', identifier_kind, ledger_token, '{}', false
from intermediate.int_identifiers__tokenized where identifier in ('asks', 'asking browser');
"""
EMPTY = """
set local session_replication_role = replica;
truncate raw.pages, raw.screens, raw.legal_holds, intermediate.int_identifiers__tokenized,
    intermediate.int_subjects__tokenized, intermediate.int_identifiers__linked, governance.deletion_requests,
    governance.request_identifiers, governance.tombstones, governance.request_exceptions, governance.reviews,
    governance.purge_receipts;
"""
# what a night leaves that was killed before it could look which identifiers it took the last row of
KILLED = """
set local session_replication_role = origin;
insert into governance.purge_receipts (night, relation, reason, purged_rows)
values (now(), 'raw.pages', 'retention', 1);
"""
PURGED = ("pages", "screens", "identifier_links", "subjects", "identifiers")
KEPT_BROWSERS = ["asking browser", "held browser", "new browser"]
KEPT_SUBJECTS = ["asks", "held", "in another", "stays"]


@pytest.fixture(params=[False, True], ids=["only those of rows that go", "all, after a night that did not end"])
def known(retained, request):
    with retained.warehouse.connect("empty") as connection:
        connection.execute(EMPTY)
    assert retained.purge(ON, *PURGED) == 0
    with retained.warehouse.connect("fill") as connection:
        connection.execute(ROWS)
        if request.param:
            connection.execute(KILLED)
    yield retained
    with retained.warehouse.connect("empty") as connection:
        connection.execute(EMPTY)


def identifiers(known, kind):
    with known.undone() as connection:
        return [
            identifier
            for (identifier,) in connection.execute(
                "select identifier from intermediate.int_identifiers__tokenized where identifier_kind = %s order by 1",
                [kind],
            )
        ]


def test_an_identifier_goes_with_the_last_row_that_names_it(known):
    known.purge(ON, *PURGED)
    assert identifiers(known, "user_id") == KEPT_SUBJECTS
    assert identifiers(known, "anonymous_id") == KEPT_BROWSERS
    assert identifiers(known, "device_id") == ["named elsewhere"]
    with known.undone() as connection:
        subjects = connection.execute("select subject_id from intermediate.int_subjects__tokenized order by 1")
        assert [name for (name,) in subjects] == KEPT_SUBJECTS
        assert connection.execute("select count(*) from intermediate.int_identifiers__linked").fetchone() == (3,)
        receipts = connection.execute(
            "select relation, sum(purged_rows)::int from governance.purge_receipts"
            " where reason = 'retention' and subject_token is null and redacted_columns is null"
            " and relation = 'intermediate.int_identifiers__tokenized' group by 1"
        ).fetchall()
        assert receipts == [("intermediate.int_identifiers__tokenized", 5)]
    assert known.purge(ON, *PURGED) == 0


def test_a_night_that_takes_no_row_reads_no_table_for_identifiers(known):
    known.purge(ON, *PURGED)
    with known.undone() as connection:
        connection.execute(known.sql_of("int_identifiers__doomed"))
        read = connection.execute(
            "select relname from pg_stat_xact_user_tables"
            " where schemaname = 'raw' and relname <> 'legal_holds' and seq_scan + coalesce(idx_scan, 0) > 0"
        ).fetchall()
    assert not read, read


def test_three_purges_ask_the_raw_tables_once_which_identifiers_no_row_names(known):
    with known.undone() as connection:
        connection.execute(KILLED)
        connection.execute("delete from raw.pages where id = 'a'")
        readings, doomed = [], []
        for name in ("identifier_links", "subjects", "identifiers"):
            doomed.append(len(connection.execute(known.sql_of(f"int_{name}__doomed")).fetchall()))
            readings += connection.execute(
                "select sum(seq_scan + coalesce(idx_scan, 0)) from pg_stat_xact_user_tables"
                " where schemaname = 'raw' and relname <> 'legal_holds'"
            ).fetchone()
        assert min(doomed) > 0
        assert readings[0] > 0
        assert readings == readings[:1] * 3


def test_a_first_night_asks_for_those_of_rows_that_go_only(known):
    with known.undone() as connection:
        connection.execute(EMPTY)
        connection.execute("delete from governance.column_expiries where relation like 'intermediate.%'")
        assert connection.execute("select governance.are_identifiers_known()").fetchone() == (True,)
        connection.execute(KILLED)
        assert connection.execute("select governance.are_identifiers_known()").fetchone() == (False,)


def test_an_identifier_that_is_emptied_in_its_last_row_goes(known):
    with known.warehouse.connect("shorten a rule") as connection:
        connection.execute(
            "insert into governance.retention_rules (pi_kind, purpose, column_name, period, event, action, ground)"
            " select kind.pi_kind, purpose.purpose, 'anonymous_id', '1 day', 'collected', 'redact_column', 'a test'"
            " from governance.pi_kinds as kind cross join governance.purposes as purpose"
        )
    try:
        known.purge(ON, *PURGED)
        assert identifiers(known, "anonymous_id") == ["asking browser", "held browser"]
        assert identifiers(known, "user_id") == KEPT_SUBJECTS
    finally:
        with known.warehouse.connect("undo") as connection:
            connection.execute("delete from governance.retention_rules where ground = 'a test'")


def test_the_purges_of_identifiers_are_traced(known):
    assert tracing.trace(known.warehouse, known.checkout.settings.dbt_project / "target").unresolved == 0
