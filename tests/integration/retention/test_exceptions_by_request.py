"""An exception by request keeps columns of a deleted person until its last day; the next night deletes the row."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lib.retained import ON
from privacy_governance.requests import carry_out

PURGED = ("pages", "identifier_links", "subjects", "identifiers")
ROWS = """
insert into raw.pages (id, user_id, url, received_at, uuid_ts)
values ('p', 'u', 'https://shop.example', '2026-02-01', '2026-02-01');
insert into governance.deletion_requests (request_id, regulation_type, received_at, confirm_by, due_on, state)
values ('r', 'SUPPRESS_WITH_DELETE', '2026-02-20', '2026-03-01', '2026-04-01', 'carried out');
"""
TOMBSTONE = """
insert into governance.tombstones (identifier_token, identifier_kind, subject_token, request_id, tombstoned_on)
select ledger_token, identifier_kind, ledger_token, 'r', '2026-03-01' from intermediate.int_identifiers__tokenized
"""
EXCEPTION = """
insert into governance.request_exceptions (
    request_id, relation, column_name, exception, reason, decided_by, decided_on, expires_on
)
select %s, 'raw.pages', unnest(array['user_id', 'url']), 'legal_obligation', 'a test', 'desk', '2026-02-21', %s
"""
# of the same night, or years later: the tombstone carries one of the two
ASKED_AGAIN = """
insert into governance.deletion_requests (request_id, regulation_type, received_at, confirm_by, due_on, state, refusal)
values ('again', 'SUPPRESS_WITH_DELETE', '2026-02-21', '2026-03-01', '2026-04-01', '{state}', 'a reason');
insert into governance.request_identifiers (request_id, identifier_kind, identifier_token, path, is_shared)
select request_id, identifier_kind, ledger_token, '{{}}', {is_shared}
from governance.deletion_requests cross join intermediate.int_identifiers__tokenized;
update governance.tombstones set request_id = '{tombstoned}';
"""


@pytest.fixture
def asked(retained):
    """A page view of somebody who is tombstoned."""
    with retained.tombstoned(ROWS, TOMBSTONE):
        yield retained


def ask(retained, query):
    with retained.undone() as connection:
        return connection.execute(query).fetchall()


def alive(retained, night):
    with retained.undone(night) as connection:
        return retained.violations(connection, "tombstoned_subject_alive")


def test_the_night_after_its_last_day_deletes_what_it_kept(asked):
    with asked.warehouse.connect("except") as connection:
        connection.execute(EXCEPTION, ["r", ON + timedelta(days=1)])
    for night in (ON, ON + timedelta(days=1)):
        asked.purge(night, *PURGED)
        assert ask(asked, "select id, user_id, url, received_at::date::text from raw.pages") == [
            (None, "u", "https://shop.example", "2026-02-01")
        ]
        assert alive(asked, night) == {}
    assert alive(asked, ON + timedelta(days=2)) == {("raw.pages", None): 1}
    asked.purge(ON + timedelta(days=2), *PURGED)
    assert ask(asked, "select 1 from raw.pages") == []
    assert ask(asked, "select 1 from intermediate.int_identifiers__tokenized") == []
    receipts = ask(
        asked,
        "select night, redacted_columns is null, purged_rows::int from governance.purge_receipts"
        " where relation = 'raw.pages' and request_id = 'r' order by receipt_id",
    )
    assert receipts == [(ON, False, 1), (ON + timedelta(days=2), True, 1)]


def test_without_an_end_it_keeps_them_as_long_as_their_period(asked):
    with asked.warehouse.connect("except") as connection:
        connection.execute(EXCEPTION, ["r", None])
    asked.purge(ON, *PURGED)
    asked.purge(date(2028, 1, 31), *PURGED)
    assert ask(asked, "select user_id from raw.pages") == [("u",)]
    asked.purge(date(2028, 2, 2), *PURGED)
    assert ask(asked, "select user_id from raw.pages") == []


def state_after(asked, *statements, night=ON):
    with asked.undone(night) as connection:
        connection.execute("update governance.deletion_requests set state = 'tombstoned'")
        for statement in statements:
            connection.execute(statement)
        carry_out(connection, asked.manifest, night=night)
        return connection.execute("select state from governance.deletion_requests").fetchone()[0]


@pytest.mark.parametrize("until", [None, ON + timedelta(days=9)], ids=["without an end", "with an end"])
def test_a_request_is_carried_out_although_an_exception_keeps_an_identifier_of_its_person(asked, until):
    with asked.warehouse.connect("except") as connection:
        connection.execute(EXCEPTION, ["r", until])
    asked.purge(ON, *PURGED)
    assert state_after(asked) == "carried out"
    # what no exception keeps
    assert state_after(asked, "delete from governance.request_exceptions") == "tombstoned"
    assert state_after(asked, "delete from governance.request_exceptions where column_name = 'user_id'") == "tombstoned"
    assert state_after(asked, "update governance.request_exceptions set relation = 'raw.users'") == "tombstoned"
    assert state_after(asked, "update governance.request_exceptions set expires_on = '2026-02-28'") == "tombstoned"


def test_a_request_is_carried_out_although_a_standing_exception_keeps_an_identifier(asked):
    standing = (
        "delete from governance.request_exceptions",
        "insert into governance.deletion_exceptions (relation, column_name, exception, expires_on)"
        " values ('raw.pages', 'user_id', 'legal_obligation', '2026-03-01')",
    )
    assert state_after(asked, *standing) == "carried out"
    assert state_after(asked, *standing, night=ON + timedelta(days=1)) == "tombstoned"


@pytest.mark.parametrize(("recorded", "tombstoned"), [("r", "again"), ("again", "r")])
def test_it_counts_whichever_request_of_the_person_it_was_recorded_on(asked, recorded, tombstoned):
    with asked.warehouse.connect("except") as connection:
        connection.execute(ASKED_AGAIN.format(state="tombstoned", is_shared=False, tombstoned=tombstoned))
        connection.execute(EXCEPTION, [recorded, ON])
    asked.purge(ON, *PURGED)
    assert ask(asked, "select user_id, url from raw.pages") == [("u", "https://shop.example")]
    assert alive(asked, ON) == {}
    asked.purge(ON + timedelta(days=1), *PURGED)
    assert ask(asked, "select 1 from raw.pages") == []


@pytest.mark.parametrize(
    ("state", "is_shared"),
    [
        pytest.param("refused", False, id="of a refused request"),
        pytest.param("tombstoned", True, id="of somebody who shares an identifier"),
    ],
)
def test_an_exception_from_another_s_request_or_from_a_refused_one_keeps_nothing(asked, state, is_shared):
    with asked.warehouse.connect("except") as connection:
        connection.execute(ASKED_AGAIN.format(state=state, is_shared=is_shared, tombstoned="r"))
        connection.execute(EXCEPTION, ["again", None])
    asked.purge(ON, *PURGED)
    assert ask(asked, "select 1 from raw.pages") == []
