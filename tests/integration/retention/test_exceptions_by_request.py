"""An exception by request keeps columns of a deleted person until its last day; the next night deletes the row."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lib.retained import ON

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
select 'r', 'raw.pages', unnest(array['user_id', 'url']), 'legal_obligation', 'a test', 'desk', '2026-02-21', %s
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
        connection.execute(EXCEPTION, [ON + timedelta(days=1)])
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
        connection.execute(EXCEPTION, [None])
    asked.purge(ON, *PURGED)
    asked.purge(date(2028, 1, 31), *PURGED)
    assert ask(asked, "select user_id from raw.pages") == [("u",)]
    asked.purge(date(2028, 2, 2), *PURGED)
    assert ask(asked, "select user_id from raw.pages") == []
