"""From `raw` to the ledger: clocks, verification, refusals, routing, and when a request is carried out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from lib.checkouts import KEY
from privacy_governance.errors import WarehouseError
from privacy_governance.keys import Keys
from privacy_governance.manifest import Manifest
from privacy_governance.requests import carry_out, take_in

NIGHT = "2026-03-01"
INSERT = """
insert into raw.privacy_requests (request_id, received_at, regulation_type, user_id, email, verified_at, verified_by,
    channel, agent_proof, customer, phone, confirmed_at)
values (%(request_id)s, %(received_at)s, %(regulation_type)s, %(user_id)s, %(email)s, %(verified_at)s, %(verified_by)s,
    %(channel)s, %(agent_proof)s, %(customer)s, %(phone)s, %(confirmed_at)s)
"""
PLAIN = {
    "request_id": "a",
    "received_at": "2026-02-02T12:00:00Z",
    "regulation_type": "DELETE_ONLY",
    "user_id": "u1",
    **dict.fromkeys(
        ("email", "verified_at", "verified_by", "channel", "agent_proof", "customer", "phone", "confirmed_at")
    ),
}


TOKENS = {user: Keys.derive(KEY).token("ledger", user) for user in ("u1", "u2")}


def ask_for(desk, **given):
    desk.run(INSERT, PLAIN | given)


def taken(desk, *columns):
    with desk.connect() as connection:
        take_in(connection)
    return desk.ask(f"select {', '.join(columns)} from governance.deletion_requests order by request_id")


CLOCKS = {
    "a Monday": ("2026-02-02T20:00Z", date(2026, 2, 16), date(2026, 3, 19)),
    "a Friday": ("2026-02-06T20:00Z", date(2026, 2, 20), date(2026, 3, 23)),
    "a Saturday": ("2026-02-07T20:00Z", date(2026, 2, 20), date(2026, 3, 24)),
    "a Sunday": ("2026-02-08T20:00Z", date(2026, 2, 20), date(2026, 3, 25)),
    "Monday in London, Sunday in California": ("2026-02-09T04:00Z", date(2026, 2, 20), date(2026, 3, 25)),
}


@pytest.mark.parametrize("day", CLOCKS)
def test_the_clocks_run_from_the_day_of_receipt_in_california(desk, day):
    received_at, confirm_by, due_on = CLOCKS[day]
    ask_for(desk, received_at=received_at)
    assert taken(desk, "confirm_by", "due_on") == [(confirm_by, due_on)]


VERIFIED = {"verified_at": "2026-02-03", "verified_by": "privacy_desk"}
STATES = {
    "not verified": ({}, "received", None),
    "verified": (VERIFIED, "verified", None),
    "verified by nobody": ({"verified_at": "2026-02-03", "verified_by": " "}, "received", None),
    "verified through an agent with proof": (
        {**VERIFIED, "channel": "agent", "agent_proof": "file-7"},
        "verified",
        None,
    ),
    "through an agent without proof": ({**VERIFIED, "channel": "agent"}, "received", None),
    "through an agent in capitals without proof": ({**VERIFIED, "channel": " Agent"}, "received", None),
    "a customer's data": (
        {**VERIFIED, "customer": "Planted Holdings"},
        "routed",
        "held for a customer",
    ),
    "an unknown type": ({"regulation_type": "PLEASE"}, "refused", "unknown regulation type"),
    "no identifier": ({"user_id": "  "}, "refused", "no identifier"),
    "to suppress": ({"regulation_type": "suppress_only"}, "received", None),
}


@pytest.mark.parametrize("case", STATES)
def test_a_request_enters_the_ledger_in_its_state(desk, case):
    given, state, refusal = STATES[case]
    ask_for(desk, **given)
    ((found, why, decided_on),) = taken(desk, "state", "refusal", "decided_on")
    assert found == state
    assert (why or "").startswith(refusal or "")
    assert (decided_on is not None) == (refusal is not None)


def test_taking_in_again_changes_nothing(desk):
    ask_for(desk, **VERIFIED, confirmed_at="2026-02-04")
    assert taken(desk, "*") == taken(desk, "*")


def test_a_verification_that_comes_later_verifies(desk):
    ask_for(desk)
    assert taken(desk, "state") == [("received",)]
    desk.run(
        "update raw.privacy_requests set verified_at = '2026-02-05', verified_by = 'privacy_desk', confirmed_at = now()"
    )
    ((state, by, confirmed_on),) = taken(desk, "state", "verified_by", "confirmed_on")
    assert (state, by) == ("verified", "privacy_desk")
    assert confirmed_on is not None


def test_what_is_put_right_before_it_is_verified_counts_as_it_is_then(desk):
    ask_for(desk)
    taken(desk, "state")
    desk.run("update raw.privacy_requests set user_id = 'u2', regulation_type = 'SUPPRESS_ONLY'")
    desk.run("update raw.privacy_requests set verified_at = '2026-02-05', verified_by = 'privacy_desk'")
    assert taken(desk, "state", "regulation_type", "subject_token", "given_tokens") == [
        ("verified", "SUPPRESS_ONLY", TOKENS["u2"], [TOKENS["u2"]])
    ]


def test_what_is_found_to_be_a_customer_s_before_it_is_verified_is_routed(desk):
    ask_for(desk)
    taken(desk, "state")
    desk.run("update raw.privacy_requests set customer = 'Planted Holdings', verified_at = now(), verified_by = 'desk'")
    assert taken(desk, "state") == [("routed",)]


def test_what_was_verified_stays_as_it_was_verified(desk):
    ask_for(desk, **VERIFIED)
    taken(desk, "state")
    desk.run("update raw.privacy_requests set user_id = 'u2'")
    assert taken(desk, "state", "subject_token") == [("verified", TOKENS["u1"])]


def test_a_row_of_another_subject_under_the_same_id_verifies_nothing(desk):
    ask_for(desk)
    taken(desk, "state")
    ask_for(desk, user_id="u2", **VERIFIED)
    assert taken(desk, "state", "subject_token") == [("received", TOKENS["u1"])]


def test_an_identifier_s_token_is_of_its_kind_and_its_normal_form(desk):
    keys = Keys.derive(KEY)
    ask_for(desk, user_id=None, email="  Anna@Example.COM", phone="+1 (415) 555-9317")
    tokens = [keys.token("ledger", "email:anna@example.com"), keys.token("ledger", "phone:4155559317")]
    assert taken(desk, "subject_token", "given_tokens") == [(tokens[0], tokens)]


def test_a_user_id_is_hashed_bare_and_stands_for_the_subject(desk):
    ask_for(desk, email="anna@example.com")
    assert taken(desk, "subject_token") == [(Keys.derive(KEY).token("ledger", "u1"),)]


def test_the_ledger_takes_no_words_that_could_name_a_person(desk):
    ask_for(
        desk,
        regulation_type="delete anna@example.com",
        verified_at="2026-02-03",
        verified_by="anna@example.com",
        channel="wrote to anna@example.com",
        agent_proof="anna@example.com says so",
    )
    (row,) = taken(desk, "deletion_requests::text")
    assert "anna" not in row[0]


def test_a_row_without_an_id_or_a_moment_waits_outside(desk):
    ask_for(desk, request_id=None)
    ask_for(desk, request_id="b", received_at=None)
    ask_for(desk, request_id="c", received_at="2099-01-01")
    ask_for(desk, request_id="anna@example.com")
    assert taken(desk, "request_id") == []


def test_an_id_that_stands_twice_enters_once(desk):
    ask_for(desk)
    ask_for(desk, user_id="u2")
    assert taken(desk, "request_id") == [("a",)]


def test_of_an_id_that_stands_twice_the_first_receipt_counts(desk):
    ask_for(desk, received_at="2026-02-09T20:00Z", user_id="u2")
    ask_for(desk, received_at="2026-02-02T20:00Z", user_id="u1")
    assert taken(desk, "due_on", "subject_token") == [(date(2026, 3, 19), TOKENS["u1"])]


def test_of_an_id_that_stands_twice_the_second_row_may_verify_the_first_at_once(desk):
    ask_for(desk)
    ask_for(desk, received_at="2026-02-03T12:00Z", **VERIFIED, confirmed_at="2026-02-04")
    verified = ("verified", date(2026, 2, 4))
    assert taken(desk, "state", "confirmed_on") == [verified]
    assert taken(desk, "state", "confirmed_on") == [verified]


def test_two_that_take_in_at_once_enter_each_request_once(desk):
    ask_for(desk)
    with ThreadPoolExecutor() as pool, desk.connect() as first:
        assert take_in(first).received == 1
        second = pool.submit(taken, desk, "request_id")
        while not desk.ask("select 1 from pg_locks where not granted"):
            assert not second.done()
        first.commit()
        assert second.result() == [("a",)]


def test_a_request_s_record_can_not_be_deleted_for_24_months(desk):
    ask_for(desk)
    ask_for(desk, request_id="b", received_at="2020-02-02")
    taken(desk, "state")
    with pytest.raises(WarehouseError, match="24 months"):
        desk.run("delete from governance.deletion_requests where request_id = 'a'")
    desk.run("delete from governance.deletion_requests where request_id = 'b'")
    assert taken(desk, "request_id") == [("a",), ("b",)]


UNDECLARED = Manifest((), (), ())
ALIVE = """
create table if not exists governance.deletion_exceptions (relation text, column_name text, expires_on date);
create table if not exists intermediate.int_identifiers__held (identifier_kind text, identifier text);
create or replace view intermediate.int_identifiers__tombstoned as
select
    'user_id' as identifier_kind, 'x' as identifier, subject_token, request_id, doomed_from, doomed_until
from governance.tombstones
where identifier_kind = 'user_id'
"""


@pytest.mark.parametrize(
    ("window", "state"),
    [
        (("-infinity", "infinity"), "tombstoned"),
        (("-infinity", "2026-02-02"), "carried out"),
        (("2026-02-02", "infinity"), "carried out"),
    ],
    ids=["doomed for all time", "doomed up to a moment", "doomed from a moment"],
)
def test_a_request_is_carried_out_when_nothing_that_is_doomed_for_all_time_is_alive(desk, window, state):
    ask_for(desk, **VERIFIED)
    ask_for(desk, request_id="b", user_id="u2", **VERIFIED)
    taken(desk, "state")
    with desk.connect() as connection:
        connection.execute("drop view if exists intermediate.int_identifiers__tombstoned")
        connection.execute(ALIVE)
        connection.execute("update governance.deletion_requests set state = 'tombstoned'")
        connection.execute(
            "insert into governance.tombstones"
            " select subject_token, case request_id when 'a' then 'user_id' else 'email' end, subject_token,"
            " request_id, %s, %s, %s from governance.deletion_requests",
            [NIGHT, *window],
        )
        carry_out(connection, UNDECLARED, night=NIGHT)
        states = dict(connection.execute("select request_id, state from governance.deletion_requests").fetchall())
    assert states == {"a": state, "b": "carried out"}


def test_a_second_request_waits_for_the_identifiers_that_the_first_one_s_tombstones_cover(desk):
    ask_for(desk, **VERIFIED)
    ask_for(desk, request_id="b", user_id=None, email="anna@example.com", **VERIFIED)
    taken(desk, "state")
    with desk.connect() as connection:
        connection.execute("drop view if exists intermediate.int_identifiers__tombstoned")
        connection.execute(ALIVE)
        connection.execute("update governance.deletion_requests set state = 'tombstoned'")
        connection.execute(
            "insert into governance.tombstones (identifier_token, identifier_kind, subject_token, request_id,"
            " tombstoned_on) select subject_token, 'user_id', subject_token, 'a', %s from governance.deletion_requests"
            " where request_id = 'a'",
            [NIGHT],
        )
        connection.execute(
            "insert into governance.request_identifiers select 'b', 'user_id', identifier_token, '{}', false"
            " from governance.tombstones"
        )
        assert carry_out(connection, UNDECLARED, night=NIGHT) == 0
        connection.execute("update governance.tombstones set identifier_kind = 'gone'")
        assert carry_out(connection, UNDECLARED, night=NIGHT) == 2
