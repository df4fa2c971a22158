"""What people decide about a request, each once, and what the requester is told of it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from privacy_governance import holds
from privacy_governance.errors import RequestError
from privacy_governance.requests import answering, deciding, ledger

ON = date(2026, 3, 1)
ENTER = """
insert into governance.deletion_requests (
    request_id, regulation_type, subject_token, received_at, confirm_by, due_on, state, channel, refusal
)
values (%(id)s, %(type)s, repeat('a', 64), '2026-02-02 12:00+00', '2026-02-16', '2026-03-19', %(state)s, %(channel)s,
    %(refusal)s)
"""


def enter(desk, state="received", **given):
    desk.run(ENTER, {"id": "a", "type": "DELETE_ONLY", "state": state, "channel": None, "refusal": None} | given)


def decide(desk, decision, *arguments, **options):
    with desk.connect() as connection:
        return decision(connection, *arguments, **options)


def receipt(desk, relation, redacted=None, request="a"):
    desk.run(
        "insert into governance.purge_receipts (night, relation, reason, subject_token, request_id, redacted_columns,"
        " purged_rows) values ('2026-02-20', %s, 'tombstone', repeat('a', 64), %s, %s, 3)",
        [relation, request, redacted],
    )


def except_amounts(desk, until=None):
    desk.run(
        "insert into governance.request_exceptions values ('a', 'raw.payments', 'amount', 'legal_obligation', 'Tax',"
        " 'finance', '2026-02-10', %s)",
        [until],
    )


def told(desk, on=ON):
    with desk.connect() as connection:
        return " ".join(answering.render(answering.summarize(connection, "a", on=on)).split())


def test_a_confirmation_keeps_its_first_day(desk):
    enter(desk)
    decide(desk, deciding.confirm, "a", on=ON)
    assert decide(desk, deciding.confirm, "a", on=ON + timedelta(days=1)).confirmed_on == ON


def test_an_extension_moves_the_answer_by_45_days_once(desk):
    enter(desk)
    extended = decide(desk, deciding.extend, "a", reason="Records in cold storage", on=ON)
    assert extended.due_on - date(2026, 2, 2) == timedelta(days=90)
    with pytest.raises(RequestError, match="there is one extension"):
        decide(desk, deciding.extend, "a", reason="More of them", on=ON)


def test_an_extension_after_the_45_days_is_refused(desk):
    enter(desk)
    with pytest.raises(RequestError, match="within the first 45 days"):
        decide(desk, deciding.extend, "a", reason="Records in cold storage", on=date(2026, 3, 20))


@pytest.mark.parametrize(
    "reason",
    ["", "asked by anna@example.com", "call 415 555-9317-22", "x" * 501],
    ids=["none", "email", "phone", "long"],
)
def test_a_reason_that_could_name_a_person_is_not_taken(desk, reason):
    enter(desk)
    with pytest.raises(RequestError) as refused:
        decide(desk, deciding.refuse, "a", reason=reason, on=ON)
    assert not reason or reason not in str(refused.value)


def test_a_reason_may_cite_a_section_and_a_day():
    assert deciding.sentence("1798.105(d)(8), until 2026-12-31, 26 USC 6001")


@pytest.mark.parametrize("state", ["tombstoned", "carried out", "refused", "routed"])
def test_what_is_decided_is_not_refused_any_more(desk, state):
    enter(desk, state, refusal="why" if state in {"refused", "routed"} else None)
    with pytest.raises(RequestError, match=f"it is {state}"):
        decide(desk, deciding.refuse, "a", reason="Not verified in time", on=ON)


def test_an_agent_s_request_is_verified_with_proof_only(desk):
    enter(desk, channel="agent")
    how = {"by": "privacy_desk", "method": "documents", "at": datetime(2026, 3, 1, tzinfo=UTC)}
    with pytest.raises(RequestError, match="--agent-proof"):
        decide(desk, deciding.verify, "a", agent_proof=None, **how)
    assert decide(desk, deciding.verify, "a", agent_proof="file-7", **how).state == "verified"


def test_an_exception_names_columns_that_there_are(desk, policy):
    enter(desk)
    what = {"exception": "legal_obligation", "reason": "Tax records", "by": "finance", "on": ON}
    for relation, column in (("raw.payments", "colour"), ("raw.nothing", "amount")):
        with pytest.raises(RequestError, match=r"raw\.(payments has no column|nothing)"):
            decide(desk, deciding.except_columns, "a", relation=relation, columns=[column], **what)
    with pytest.raises(RequestError, match="no exception"):
        decide(
            desk, deciding.except_columns, "a", relation="raw.payments", columns=["amount"], **what | {"exception": "x"}
        )
    assert decide(desk, deciding.except_columns, "a", relation="raw.payments", columns=["amount"], **what) == 1
    assert decide(desk, deciding.except_columns, "a", relation="raw.payments", columns=["amount"], **what) == 0
    with pytest.raises(RequestError, match="for another reason"):
        decide(
            desk,
            deciding.except_columns,
            "a",
            relation="raw.payments",
            columns=["amount"],
            **what | {"reason": "Fraud"},
        )


def test_an_exception_with_an_end_keeps_what_the_row_is_found_by_when_it_ends(desk, policy):
    enter(desk)
    what = {
        "relation": "raw.payments", "exception": "legal_obligation", "reason": "Tax records", "by": "finance", "on": ON,
        "until": date(2026, 12, 31),
    }  # fmt: skip
    excepted = partial(decide, desk, deciding.except_columns, "a")
    with pytest.raises(RequestError, match=r"--until 2026-01-01 is over"):
        excepted(columns=["amount"], owners=["user_id"], **what | {"until": date(2026, 1, 1)})
    with pytest.raises(RequestError, match=r"Add --column user_id"):
        excepted(columns=["amount"], owners=["user_id"], **what)
    with pytest.raises(RequestError, match=r"without an end"):
        excepted(columns=["amount"], owners=[], **what)
    # any column does here: which ones tell whose a row is, the sources YAML says
    assert excepted(columns=["amount"], owners=["amount"], **what) == 1
    with desk.connect() as connection:
        told = dict(ledger.course(connection, "a"))
    assert told["excepted"] == "raw.payments (amount), legal_obligation: Tax records, until 2026-12-31"


def test_an_unknown_request_is_said_to_be_unknown(desk):
    with pytest.raises(RequestError, match="has no request 'nope'"):
        decide(desk, deciding.confirm, "nope", on=ON)


def test_the_list_has_what_is_due_first_and_leaves_out_what_is_not(desk):
    enter(desk)
    enter(desk, id="b", state="verified")
    desk.run("update governance.deletion_requests set confirmed_on = received_at::date where request_id = 'b'")
    enter(desk, id="c", state="carried out")
    desk.run("update governance.deletion_requests set answered_on = '2026-02-20' where request_id = 'c'")
    with desk.connect() as connection:
        assert [each.request_id for each in ledger.listed(connection)] == ["a", "b", "c"]
        due = ledger.listed(connection, until=ON)
        assert [each.request_id for each in due] == ["a"]
        assert due[0].due(ON) == ("confirm", date(2026, 2, 16), -13)
        assert [each.request_id for each in ledger.listed(connection, states=["verified"])] == ["b"]


@pytest.mark.parametrize("state", ["received", "verified", "in review", "tombstoned"])
def test_nothing_is_answered_before_it_is_decided(desk, policy, state):
    enter(desk, state)
    with pytest.raises(RequestError, match="nothing to answer yet"):
        told(desk)


def test_the_answer_says_what_went_in_the_notice_s_words(desk, policy):
    enter(desk, "carried out")
    receipt(desk, "raw.users")
    text = told(desk)
    assert "Identifiers (general): contact information" in text
    assert "February 20, 2026" in text
    assert "On February 2, 2026 we received your request to delete your personal information." in text
    for internal in ("raw", "users", "column", "amount", "receipt"):
        assert internal not in text


def test_the_answer_says_what_is_kept_and_for_what_only(desk, policy):
    enter(desk, "carried out")
    except_amounts(desk)
    receipt(desk, "raw.users", redacted=["email"])
    receipt(desk, "raw.payments", redacted=["note"])
    desk.run("insert into governance.request_identifiers values ('a', 'device_id', repeat('b', 64), '{}', true)")
    text = told(desk)
    assert "Some records have to stay" in text
    assert "- Financial Information: because a law obliges us to keep it. We use it for nothing else" in text
    assert "Information tied to a device that other people use" in text


def test_what_is_kept_is_not_said_to_be_there_where_nothing_shows_that_it_is(desk, policy):
    enter(desk, "carried out")
    except_amounts(desk)
    assert "What we hold of you, if anything, is kept" in told(desk)
    receipt(desk, "raw.users")
    assert "- Financial Information, as far as we hold it about you: because a law obliges us" in told(desk)


def test_what_another_request_of_the_same_person_keeps_is_told(desk, policy):
    enter(desk, "carried out")
    enter(desk, "carried out", id="b")
    except_amounts(desk)
    desk.run("update governance.request_exceptions set request_id = 'b'")
    assert "Financial Information" not in told(desk)
    desk.run(
        "insert into governance.request_identifiers select request_id, 'user_id', repeat('a', 64), '{}', false"
        " from governance.deletion_requests"
    )
    assert "- Financial Information, as far as we hold it about you: because a law obliges us" in told(desk)


def test_an_exception_that_is_over_is_told_no_more(desk, policy):
    enter(desk, "carried out")
    except_amounts(desk, until="2026-03-01")
    receipt(desk, "raw.payments", redacted=["note"])
    assert "- Financial Information, until March 1, 2026: because a law obliges us" in told(desk)
    desk.run("update governance.request_exceptions set expires_on = '2026-02-28'")
    assert "Financial Information" not in told(desk)


def test_a_standing_exception_is_told_where_something_was_removed_around_it(desk, policy):
    enter(desk, "carried out")
    desk.run(
        "insert into governance.deletion_exceptions"
        " values ('raw.payments', 'amount', 'legal_obligation', 'Tax', 'finance', '2027-01-01')"
    )
    assert "Financial Information" not in told(desk)
    receipt(desk, "raw.payments", redacted=["note"])
    assert "- Financial Information: because a law obliges us" in told(desk)


def test_the_answer_says_that_nothing_was_found(desk, policy):
    enter(desk, "carried out")
    receipt(desk, "raw.privacy_requests")
    assert "and found none. There was nothing to delete." in told(desk)


@pytest.mark.parametrize(
    ("state", "refusal", "words"),
    [
        ("refused", "You asked from another country", "did not carry out your request"),
        (
            "refused",
            "no identifier of a subject: send a user_id, anonymous_id, email, phone or device_id",
            "named no acc",
        ),
        ("refused", "identity: shared by several user_id", "is used by several people"),
        ("routed", "held for a customer", "for a customer of ours, as its service provider"),
        ("on hold", None, "A legal duty to preserve it stands against that for now"),
    ],
    ids=["refused", "no identifier", "shared", "routed", "on hold"],
)
def test_the_answer_says_why_nothing_was_deleted(desk, policy, state, refusal, words):
    enter(desk, state, refusal=refusal)
    text = told(desk)
    assert words in text
    assert "user_id" not in text
    assert "What we deleted" not in text


def test_an_answer_keeps_its_first_day(desk, policy):
    enter(desk, "carried out")
    with desk.connect() as connection:
        deciding.record_answer(connection, ledger.find(connection, "a"), on=ON)
        deciding.record_answer(connection, ledger.find(connection, "a"), on=ON + timedelta(days=3))
        assert ledger.find(connection, "a").answered_on == ON


def test_a_hold_keeps_until_it_is_released(desk):
    hold = decide(desk, holds.add, "user_id", "u1", reason="Preservation notice", by="legal", until=None, on=ON)
    assert hold.is_active(ON + timedelta(days=400))
    released = decide(desk, holds.release, hold.hold_id, on=ON + timedelta(days=1))
    assert released.is_active(ON + timedelta(days=1))
    assert not released.is_active(ON + timedelta(days=2))
    assert decide(desk, holds.release, hold.hold_id, on=ON + timedelta(days=9)) == released


def test_a_hold_that_is_over_or_about_nobody_is_not_added(desk):
    with pytest.raises(RequestError, match="is over"):
        decide(desk, holds.add, "user_id", "u1", reason="Notice", by="legal", until=ON - timedelta(days=1), on=ON)
    with pytest.raises(RequestError, match="is empty"):
        decide(desk, holds.add, "user_id", " ", reason="Notice", by="legal", until=None, on=ON)
    with pytest.raises(RequestError, match="no hold 'nope'"):
        decide(desk, holds.release, "nope", on=ON)


@pytest.mark.parametrize(
    ("kind", "identifier", "flaw"),
    [
        ("name", "Ann Other", "'name' is no kind of identifier. Name one of user_id, anonymous_id, email"),
        ("email", "ann at example.com", "--email has not the form of an address"),
        ("phone", "555 01", "--phone has not 7 to 15 digits"),
        ("device_id", "d" * 513, "--device-id has over 512 characters"),
    ],
)
def test_a_hold_that_could_keep_nobody_is_refused_without_the_value(desk, kind, identifier, flaw):
    with pytest.raises(RequestError, match=re.escape(flaw)) as refused:
        decide(desk, holds.add, kind, identifier, reason="Notice", by="legal", until=None, on=ON)
    assert identifier not in str(refused.value)


def test_holds_are_listed_by_what_they_name_and_how_much_the_night_found(desk):
    hold = decide(desk, holds.add, "email", " Ann@Example.com ", reason="Notice", by="legal", until=None, on=ON)
    desk.run("insert into raw.legal_holds (hold_id, user_id, device_id, email) values ('other', 'u', 'd', ' ')")
    desk.run(
        "insert into governance.held_identifiers values (%s, repeat('a', 64)), (%s, repeat('b', 64))",
        [hold.hold_id, hold.hold_id],
    )
    listed = {each.hold_id: (each.kinds, each.identifiers) for each in decide(desk, holds.every)}
    assert listed[hold.hold_id] == (("email",), 2)
    assert listed["other"] == (("user_id", "device_id"), 0)
    assert desk.ask("select email from raw.legal_holds where hold_id = %s", [hold.hold_id]) == [("Ann@Example.com",)]


def test_a_listed_hold_says_how_many_people_it_keeps_and_what_no_row_ties_to_anybody(desk):
    shared = decide(desk, holds.add, "email", "Info@example.com", reason="Notice", by="legal", until=None, on=ON)
    decide(desk, holds.add, "phone", "+1 415 555 0100", reason="Notice", by="legal", until=None, on=ON)
    desk.run(
        "insert into intermediate.int_identifiers__tokenized"
        " values ('email', 'info@example.com', repeat('a', 64), repeat('a', 32)::uuid),"
        " ('phone', '4155550100', repeat('f', 64), repeat('f', 32)::uuid);"
        "insert into intermediate.int_identifiers__linked"
        " values (repeat('b', 32)::uuid, 'user_id', repeat('a', 32)::uuid, 'email', false);"
        "insert into intermediate.int_subjects__tokenized"
        " values ('ann', repeat('b', 64), repeat('d', 64)), ('ben', repeat('c', 64), repeat('e', 64))"
    )
    for token in "abc":
        desk.run("insert into governance.held_identifiers values (%s, repeat(%s, 64))", [shared.hold_id, token])
    listed = {each.kinds: (each.identifiers, each.people, each.untied) for each in decide(desk, holds.every)}
    desk.run(
        "truncate intermediate.int_identifiers__tokenized, intermediate.int_subjects__tokenized,"
        " intermediate.int_identifiers__linked"
    )
    assert listed == {("email",): (3, 2, ()), ("phone",): (0, 0, ("phone",))}


@pytest.mark.parametrize("address", ["\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}nci@example.com", "ΝΙΚΟΣ@example.com"])
def test_a_hold_s_address_loses_its_capitals_as_those_of_the_rows_do(desk, address):
    hold = decide(desk, holds.add, "email", address, reason="Notice", by="legal", until=None, on=ON)
    assert desk.ask(
        "select lower(email) = lower(%s) from raw.legal_holds where hold_id = %s", [address, hold.hold_id]
    ) == [(True,)]


def test_a_table_of_holds_without_the_later_columns_gets_them_and_keeps_its_rows(desk):
    desk.run("drop table if exists raw.legal_holds; create table raw.legal_holds (hold_id text, user_id text)")
    desk.run("insert into raw.legal_holds values ('old', 'u')")
    (old,) = decide(desk, holds.every)
    assert (old.hold_id, old.kinds, old.is_active(ON)) == ("old", ("user_id",), True)
