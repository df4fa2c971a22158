"""A hold keeps rows by any identifier that it names, as another system wrote it: from its first day to its last."""

from __future__ import annotations

from datetime import date

import pytest

from lib.retained import ON

# `held` left one of each; the page is of the browser alone
ROWS = """
insert into raw.pages (id, user_id, anonymous_id, received_at, uuid_ts) values
    ('of the browser', null, 'browser', '2020-01-01', '2020-01-01'),
    ('of a stranger', null, 'another browser', '2020-01-01', '2020-01-01');
insert into intermediate.int_identifiers__tokenized (identifier_kind, identifier, ledger_token, identifier_id)
select kind, identifier, encode(sha256(convert_to(identifier, 'UTF8')), 'hex'), md5(identifier)::uuid
from (values ('user_id', 'held'), ('anonymous_id', 'browser'), ('anonymous_id', 'another browser'),
    ('email', 'held@example.com'), ('phone', '4155550100'), ('device_id', 'telephone')) as seen (kind, identifier);
insert into intermediate.int_identifiers__linked (identifier_id, identifier_kind, linked_id, linked_kind, is_alias)
select md5('held')::uuid, 'user_id', identifier_id, identifier_kind, false
from intermediate.int_identifiers__tokenized where identifier not in ('held', 'another browser');
"""
EMPTY = """
set local session_replication_role = replica;
truncate raw.pages, raw.legal_holds, intermediate.int_identifiers__tokenized, intermediate.int_identifiers__linked,
    governance.held_identifiers, governance.purge_receipts;
"""
KINDS = {
    "user_id": "held",
    "anonymous_id": "browser",
    "email": " Held@Example.COM ",
    "phone": "+1 (415) 555-0100",
    "device_id": "telephone",
}


@pytest.fixture
def filled(retained):
    with retained.warehouse.connect("fill") as connection:
        connection.execute(EMPTY + ROWS)
    yield retained
    with retained.warehouse.connect("empty") as connection:
        connection.execute(EMPTY)


def hold(kind, *, since="'2026-01-01'"):
    """Return the row that another system writes: it knows this one column of whom it holds."""
    return f"insert into raw.legal_holds (hold_id, {kind}, starts_on) values ('h', '{KINDS[kind]}', {since})"


def pages(filled):
    with filled.undone() as connection:
        return {page for (page,) in connection.execute("select id from raw.pages")}


@pytest.mark.parametrize("kind", KINDS)
def test_a_hold_keeps_the_rows_of_what_is_tied_to_the_one_that_it_names_and_its_end_lets_them_go(filled, kind):
    with filled.warehouse.connect("hold") as connection:
        connection.execute(hold(kind))
    assert filled.purge(ON, "pages") == 1
    assert pages(filled) == {"of the browser"}
    with filled.warehouse.connect("release") as connection:
        connection.execute("update raw.legal_holds set ends_on = %s", [ON])
    assert filled.purge(ON, "pages") == 0
    assert filled.purge(date(2026, 3, 2), "pages") == 1
    assert pages(filled) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_a_hold_that_comes_while_the_purge_runs_keeps_them_too(filled, kind):
    assert filled.purge(ON, "pages", between=hold(kind)) == 1
    assert pages(filled) == {"of the browser"}


def test_a_hold_without_a_first_day_has_begun_and_one_with_a_blank_id_keeps(filled):
    with filled.warehouse.connect("hold") as connection:
        connection.execute(hold("email", since="null"))
        connection.execute("update raw.legal_holds set hold_id = ' '")
    assert filled.purge(ON, "pages") == 1
    with filled.undone() as connection:
        assert filled.violations(connection, "unusable_hold") == {
            ("raw.legal_holds", "hold_id"): 1,
            ("raw.legal_holds", "starts_on"): 1,
        }


def test_a_hold_of_tomorrow_keeps_nothing_yet(filled):
    with filled.warehouse.connect("hold") as connection:
        connection.execute(hold("email", since="current_date + 1"))
    assert filled.purge(ON, "pages") == 2


def test_a_night_that_is_run_late_keeps_whom_a_hold_of_today_names(filled):
    with filled.warehouse.connect("hold") as connection:
        connection.execute(hold("email", since="current_date"))
    assert filled.purge(ON, "pages") == 1
    assert pages(filled) == {"of the browser"}


def test_a_table_of_holds_that_knows_user_ids_only_means_what_it_meant(filled):
    with filled.undone() as connection:
        columns = connection.execute(
            "select identifier_kind, count(*) from intermediate.int_legal_holds__active group by 1"
        ).fetchall()
        assert columns == []
        connection.execute("insert into raw.legal_holds values ('h', 'held')")
        assert connection.execute(
            "select hold_id, identifier_kind, identifier from intermediate.int_legal_holds__active"
        ).fetchall() == [("h", "user_id", "held")]
