"""Whose rows a tombstone dooms: no stranger's, no request that nobody has read, and nobody's whom a hold keeps."""

from __future__ import annotations

import psycopg
import pytest

from lib.retained import EMPTY, KEYS, ON
from privacy_governance import tombstones
from privacy_governance.errors import RequestError
from privacy_governance.identity import resolve
from privacy_governance.requests import carry_out
from privacy_governance.requests.deciding import refuse

ROWS = """
insert into raw.privacy_requests (request_id, regulation_type, user_id, phone, device_id, received_at) values
    ('carried-out', 'SUPPRESS_WITH_DELETE', 'ann', null, null, '2026-02-20'),
    ('by-a-device', 'SUPPRESS_WITH_DELETE', null, 'n/a', 'telephone', '2026-02-20');
insert into governance.deletion_requests (request_id, regulation_type, received_at, confirm_by, due_on, state)
select request_id, regulation_type, received_at, '2026-03-01', '2026-04-01', 'carried out' from raw.privacy_requests;
"""
TOMBSTONES = """
insert into governance.tombstones (identifier_token, identifier_kind, subject_token, request_id, tombstoned_on)
select ledger_token, identifier_kind, ledger_token, 'carried-out', '2026-03-01'
from intermediate.int_identifiers__tokenized;
update governance.deletion_requests as known
set subject_token = written.given_tokens[1], given_tokens = written.given_tokens
from intermediate.int_privacy_requests__tokenized as written where written.request_id = known.request_id;
"""
# ids that the ledger has, written again for something else
OTHER_CONTENT = """
insert into raw.privacy_requests (request_id, regulation_type, user_id, received_at) values
    ('carried-out', 'UNSUPPRESS', 'ann', '2026-02-20'),
    ('by-a-device', 'SUPPRESS_WITH_DELETE', 'ann', '2026-02-20')
"""
SINCE = """
insert into raw.privacy_requests (request_id, regulation_type, user_id, received_at) values
    ('since', 'UNSUPPRESS', 'ann', '2026-03-01'),
    ('of a clock that runs ahead', 'UNSUPPRESS', 'ann', '2999-01-01'),
    ('an id that no night takes', 'UNSUPPRESS', 'ann', '2026-03-01')
"""
# tombstoned, its rows not yet purged
REQUEST = """
update governance.deletion_requests set state = 'carried out';
insert into governance.deletion_requests (
    request_id, regulation_type, received_at, confirm_by, due_on, state, decided_on, subject_token, given_tokens
)
select 'r', 'SUPPRESS_WITH_DELETE', '2026-02-20', '2026-03-01', '2026-04-01', 'tombstoned', '2026-02-21',
    ledger_token, array[ledger_token]
from intermediate.int_identifiers__tokenized where identifier = 'ann'
"""

# as files with other line ends, and addresses that were copied from a page, leave them; the last is another's
ADDRESSES = [
    " Ann@Example.com", "ann@example.com\t", "ann@example.com\r\n", "\N{NO-BREAK SPACE}ann@example.com",
    "ann@example.com\v\f", "ann@example.comv",
]  # fmt: skip


@pytest.fixture
def asked(retained):
    """Two requests that were carried out, of tombstoned people, and their rows at the desk."""
    with retained.tombstoned(ROWS, TOMBSTONES):
        yield retained


def left(retained):
    with retained.undone() as connection:
        return {request for (request,) in connection.execute("select request_id from raw.privacy_requests")}


def test_a_row_whose_telephone_number_is_none_goes_with_its_device(asked):
    assert asked.purge(ON, "privacy_requests") == 2
    assert left(asked) == set()
    with asked.undone() as connection:
        assert asked.violations(connection, "tombstoned_subject_alive") == {}


def test_a_request_of_a_tombstoned_person_stays_until_the_ledger_has_it(asked):
    with asked.warehouse.connect("ask again") as connection:
        connection.execute(SINCE)
    assert asked.purge(ON, "privacy_requests") == 2
    assert left(asked) == {"since", "of a clock that runs ahead", "an id that no night takes"}
    with asked.warehouse.connect("take it in") as connection:
        connection.execute(
            "insert into governance.deletion_requests"
            " (request_id, regulation_type, received_at, confirm_by, due_on, state, subject_token)"
            " select 'since', 'UNSUPPRESS', '2026-03-01', '2026-03-15', '2026-04-15', 'received', identifier_token"
            " from governance.tombstones where identifier_kind = 'user_id'"
        )
    assert asked.purge(ON, "privacy_requests") == 1


def test_a_row_of_other_content_that_has_the_id_of_a_request_is_not_purged_unread_and_is_told(asked):
    with asked.undone() as connection:
        assert asked.violations(connection, "unusable_request") == {}
    assert asked.purge(ON, "privacy_requests") == 2
    with asked.warehouse.connect("write the ids again") as connection:
        connection.execute(OTHER_CONTENT)
    assert asked.purge(ON, "privacy_requests") == 0
    assert left(asked) == {"carried-out", "by-a-device"}
    with asked.undone() as connection:
        assert asked.violations(connection, "unusable_request") == {("raw.privacy_requests", "request_id"): 2}


def test_a_request_whose_rows_a_hold_keeps_after_all_is_on_hold_until_the_hold_ends_and_not_carried_out(asked):
    def night(connection):
        resolve(connection, ON)
        tombstones.place(connection, night=ON)
        (count,) = connection.execute("select count(*) from governance.request_identifiers").fetchone()
        return carry_out(connection, asked.manifest, night=ON), state(connection), count

    def state(connection):
        return connection.execute("select state from governance.deletion_requests where request_id = 'r'").fetchone()[0]

    with asked.undone() as connection:
        connection.execute(REQUEST)
        (token,) = connection.execute(
            "select ledger_token from intermediate.int_identifiers__tokenized where identifier = 'ann'"
        ).fetchone()
        connection.execute(
            "insert into governance.request_identifiers values ('r', 'user_id', %s, array[%s], false)", [token, token]
        )
        connection.execute("insert into raw.legal_holds (hold_id, user_id) values ('court', 'ann')")
        assert (carry_out(connection, asked.manifest, night=ON), state(connection)) == (0, "on hold")
        assert night(connection) == (0, "on hold", 1)
        with pytest.raises(RequestError, match="tombstoned on 2026-02-21, and some of its rows may be gone"):
            refuse(connection, "r", reason="too late", on=ON)
        connection.execute("delete from raw.legal_holds")
        assert night(connection) == (0, "tombstoned", 1)
        connection.execute("delete from intermediate.int_identifiers__tokenized")
        assert night(connection)[:2] == (1, "carried out")


@pytest.mark.parametrize("kind", ["user_id", "anonymous_id", "email", "phone", "device_id", "advertising_id"])
def test_a_user_id_that_is_spelt_like_another_kind_s_token_names_nobody_else(retained, kind):
    with retained.undone() as connection:
        connection.execute(EMPTY)
        connection.execute(
            "insert into raw.pages (id, user_id, received_at, uuid_ts) values ('p', %s, now(), now())",
            [f"{kind}:ann@example.com"],
        )
        connection.execute(
            "insert into raw.users (id, email, received_at, uuid_ts) values ('ann', 'ann@example.com', now(), now())"
        )
        connection.execute(
            "insert into raw.privacy_requests (request_id, regulation_type, user_id, received_at)"
            " values ('r', 'DELETE_ONLY', %s, now())",
            [f"{kind}:ann@example.com"],
        )
        retained.see_identifiers(connection)
        known = connection.execute("select identifier, ledger_token from intermediate.int_identifiers__tokenized")
        tokens = dict(known.fetchall())
        subjects = connection.execute(retained.sql_of("int_subjects__tokenized")).fetchall()
        (request,) = connection.execute(retained.sql_of("int_privacy_requests__tokenized")).fetchall()
    assert tokens["ann@example.com"] == KEYS.token("ledger", "email:ann@example.com")
    assert tokens["ann"] == KEYS.token("ledger", "ann")
    assert len(set(tokens.values())) == 3
    assert {subject: token for subject, token, _ in subjects} == {
        user: tokens[user] for user in ("ann", f"{kind}:ann@example.com")
    }
    assert request[-1] == [tokens[f"{kind}:ann@example.com"]]


def test_an_address_with_white_space_around_it_is_nobody_else_s(retained):
    tickets = "insert into raw.support_tickets (id, requester_email, opened_at) values "
    rows = ", ".join(f"('{n}', {quoted(address)}, '2026-02-20')" for n, address in enumerate(ADDRESSES))
    named = TOMBSTONES.replace(";", " where identifier = 'ann@example.com';", 1)
    with retained.tombstoned(tickets + rows, named):
        assert retained.purge(ON, "support_tickets") == len(ADDRESSES) - 1
        with retained.warehouse.connect("look, and leave nothing") as connection:
            (left_over,) = connection.execute("delete from raw.support_tickets returning requester_email").fetchall()
    assert left_over == (ADDRESSES[-1],)


def quoted(text):
    return psycopg.sql.Literal(text).as_string()
