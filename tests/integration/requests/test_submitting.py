"""A file of requests: what is kept, what is refused and why, and that the same file again changes nothing."""

from __future__ import annotations

import gzip
import json

import pytest

from privacy_governance.errors import IntakeError
from privacy_governance.locks import Lock
from privacy_governance.requests import take_in
from privacy_governance.requests.submitting import submit

HEADER = "request_id,received_at,regulation_type,user_id,email,phone,verified_at,verified_by,channel,agent_proof\n"
FULL = "a,2026-02-01T10:00:00Z,DELETE_ONLY,u1,,,,,,\n"
SECRET = "sesame@example.com"  # noqa: S105 -- what no message may quote

BAD = {
    "an unknown type": ("a,2026-02-01,DELETE_INTERNAL,u1,,,,,,", "regulation_type is none of SUPPRESS_ONLY"),
    "no type": ("a,2026-02-01,,u1,,,,,,", "regulation_type is missing"),
    "no moment": ("a,,DELETE_ONLY,u1,,,,,,", "received_at is missing"),
    "a moment in words": ("a,last week,DELETE_ONLY,u1,,,,,,", "received_at is no moment"),
    "a day that does not exist": ("a,2026-02-30,DELETE_ONLY,u1,,,,,,", "received_at is no moment"),
    "an hour that does not exist": ("a,2026-02-01T24:00:01Z,DELETE_ONLY,u1,,,,,,", "received_at is no moment"),
    "a moment to come": ("a,2099-01-01,DELETE_ONLY,u1,,,,,,", "received_at is in the future"),
    "no identifier": ("a,2026-02-01,DELETE_ONLY,,,,,,,", "no identifier"),
    "an identifier of blanks": ("a,2026-02-01,DELETE_ONLY,   ,,,,,,", "no identifier"),
    "an address without its sign": (f"a,2026-02-01,DELETE_ONLY,,{SECRET.replace('@', ' at ')},,,,,", "email has not"),
    "half a number": ("a,2026-02-01,DELETE_ONLY,,,12-34,,,,", "phone has not 7 to 15 digits"),
    "SQL for an id": ("a'; drop table x; --,2026-02-01,DELETE_ONLY,u1,,,,,,", "request_id has other characters"),
    "an address for an id": (f"{SECRET},2026-02-01,DELETE_ONLY,u1,,,,,,", "request_id has other characters"),
    "verified by nobody": ("a,2026-02-01,DELETE_ONLY,u1,,,2026-02-02,,,", "verified_at without verified_by"),
    "verified in words": ("a,2026-02-01,DELETE_ONLY,u1,,,yes,desk,,", "verified_at is no moment"),
    "verified by a person": (f"a,2026-02-01,DELETE_ONLY,u1,,,2026-02-02,{SECRET},,", "verified_by is not a short name"),
    "an agent without proof": ("a,2026-02-01,DELETE_ONLY,u1,,,2026-02-02,desk,agent,", "without agent_proof"),
    "a document for a proof": (f"a,2026-02-01,DELETE_ONLY,u1,,,,,agent,I {SECRET} appoint", "agent_proof is not a ref"),
    "a field too few": ("a,2026-02-01,DELETE_ONLY,u1,,,,,", "9 fields; the header has 10"),
    "a quote that is never closed": ('a,2026-02-01,DELETE_ONLY,"u1,,,,,,', "a quote is misplaced"),
    "a NUL": ("a,2026-02-01,DELETE_ONLY,u\0,,,,,,", "a NUL character"),
    "an id of a novel": (f"a,2026-02-01,DELETE_ONLY,{'u' * 513},,,,,,", "over 512 characters"),
}


@pytest.mark.parametrize("flaw", BAD)
def test_a_bad_row_is_refused_by_line_and_reason_and_the_good_ones_around_it_are_kept(desk, flaw):
    row, reason = BAD[flaw]

    submitted = desk.submit(HEADER + "first" + FULL[1:] + row + "\nlast" + FULL[1:])

    (refused,) = submitted.refused
    assert refused.line == 3
    assert reason in refused.reason
    assert "sesame" not in refused.reason
    assert (submitted.read, submitted.kept, submitted.known) == (3, 2, 0)
    assert desk.ask("select request_id from raw.privacy_requests order by 1") == [("first",), ("last",)]


def test_a_line_that_is_not_utf_8_costs_that_line_only(desk):
    submitted = desk.submit(
        (HEADER + FULL).encode() + b"b,2026-02-01,DELETE_ONLY,Andr\xe9,,,,,,\n" + b"c" + FULL[1:].encode()
    )
    assert [(row.line, row.reason[:15]) for row in submitted.refused] == [(3, "not valid UTF-8")]
    assert submitted.kept == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_with_a_mark_is_read_in_its_encoding(desk, encoding):
    assert desk.submit((HEADER + FULL.replace("u1", "Łukasz")).encode(encoding)).kept == 1
    assert desk.ask("select user_id from raw.privacy_requests") == [("Łukasz",)]


def test_a_compressed_file_is_taken(desk):
    assert desk.submit(gzip.compress((HEADER + FULL).encode()), "requests.csv.gz").kept == 1


WHOLE = {
    "an empty file": ("", "is empty"),
    "a missing header": (f"a,2026-02-01,DELETE_ONLY,{SECRET}\n", "has no header"),
    "an unknown column": (HEADER.replace("email", "e_mail_" + "sesame"), "column 5 of the header is none of"),
    "a repeated column": (HEADER.replace("email", "user_id"), "column 5 of the header repeats user_id"),
    "no column for the type": (HEADER.replace("regulation_type,", ""), "lacks regulation_type"),
    "no column for an identifier": ("received_at,regulation_type\n", "the header has no identifier"),
}


@pytest.mark.parametrize("flaw", WHOLE)
def test_a_file_that_can_not_be_read_is_refused_whole_and_quotes_nothing(desk, flaw):
    content, reason = WHOLE[flaw]
    with pytest.raises(IntakeError, match=reason) as refused:
        desk.submit(content)
    assert "sesame" not in str(refused.value)
    assert desk.ask("select count(*) from raw.privacy_requests") == [(0,)]


def test_sql_in_an_identifier_is_an_identifier(desk):
    harm = "u'); drop table raw.privacy_requests; --"
    assert desk.submit(HEADER + FULL.replace("u1", harm)).kept == 1
    assert desk.ask("select user_id from raw.privacy_requests") == [(harm,)]


def test_an_email_with_blanks_and_capitals_is_the_address(desk):
    assert desk.submit(HEADER + "a,2026-02-01,DELETE_ONLY,,  Anna.Smith@Example.COM ,,,,,\n").kept == 1
    assert desk.ask("select email from raw.privacy_requests") == [("anna.smith@example.com",)]


def test_the_same_file_twice_changes_nothing(desk):
    content = HEADER + "".join(f"r{n}{FULL[1:]}" for n in range(20)) + "bad,never,DELETE_ONLY,u1,,,,,,\n"
    first = desk.submit(content)
    before = desk.ask("select * from raw.privacy_requests order by request_id")
    second = desk.submit(content)
    assert (first.read, first.kept, first.known, len(first.refused)) == (21, 20, 0, 1)
    assert (second.read, second.kept, second.known, len(second.refused)) == (21, 0, 20, 1)
    assert desk.ask("select * from raw.privacy_requests order by request_id") == before


def test_a_request_whose_row_the_purge_took_is_known_by_the_ledger(desk):
    desk.submit(HEADER + FULL)
    with desk.connect() as connection:
        take_in(connection)
    desk.run("delete from raw.privacy_requests")
    assert desk.submit(HEADER + FULL).known == 1
    other = desk.submit(HEADER + FULL.replace("u1", "u2"))
    assert [row.reason for row in other.refused] == [
        "request_id belongs to a request with other content, submitted before."
    ]
    assert desk.ask("select count(*) from raw.privacy_requests") == [(0,)]


def test_an_id_of_another_request_is_refused_not_passed_over(desk):
    within = desk.submit(HEADER + FULL + FULL + FULL.replace("u1", "u2"))
    assert (within.kept, within.known) == (1, 1)
    assert [(row.line, row.reason) for row in within.refused] == [
        (4, "request_id stands on line 2 already, with other content.")
    ]
    later = desk.submit(HEADER + FULL.replace("u1", "u3"))
    assert later.refused[0].reason == "request_id belongs to a request with other content, submitted before."


def test_the_same_subject_twice_is_two_requests(desk):
    assert desk.submit(HEADER + FULL + "b" + FULL[1:]).kept == 2


def test_a_known_request_that_is_verified_since_is_completed(desk):
    desk.submit(HEADER + FULL)
    verified = HEADER + "a,2026-02-01T10:00:00Z,DELETE_ONLY,u1,,,2026-02-03,privacy_desk,,\n"
    again = desk.submit(verified)
    assert (again.kept, again.known, again.completed) == (0, 1, 1)
    assert desk.ask("select status, verified_by from raw.privacy_requests") == [("verified", "privacy_desk")]
    assert desk.submit(verified).completed == 0


def test_a_verification_of_another_content_under_a_known_id_completes_nothing(desk):
    desk.submit(HEADER + FULL)
    second = desk.submit(HEADER + FULL.replace("u1", "u2").replace(",,,,,,", ",,,2026-02-02,desk,,"))
    assert (second.known, second.completed, len(second.refused)) == (0, 0, 1)
    assert desk.ask("select user_id, status from raw.privacy_requests") == [("u1", "received")]


def test_a_dry_run_says_the_same_and_writes_nothing(desk):
    content = HEADER + FULL + "bad,never,DELETE_ONLY,u1,,,,,,\n"
    tried = desk.submit(content, dry_run=True)
    assert desk.ask("select count(*) from raw.privacy_requests") == [(0,)]
    assert desk.submit(content) == tried


def test_segment_s_payloads_are_taken_as_they_are(desk):
    payload = {"regulationType": "SUPPRESS_WITH_DELETE", "subjectType": "USER_ID", "subjectIds": ["u1", "u2", 3]}
    lines = json.dumps(payload) + "\n"
    first = desk.submit(lines, "regulations.jsonl")
    assert (first.read, first.kept) == (3, 3)
    rows = desk.ask("select regulation_type, user_id, received_at <= now() from raw.privacy_requests order by user_id")
    assert rows == [("SUPPRESS_WITH_DELETE", user, True) for user in ("3", "u1", "u2")]
    assert desk.submit(lines, "regulations.jsonl").known == 3
    assert desk.submit(lines + "\n", "another_day.jsonl").kept == 3


def test_a_subject_of_a_payload_that_is_refused_costs_no_other(desk):
    payload = {"regulationType": "DELETE_ONLY", "subjectType": "USER_ID", "subjectIds": ["u1", ["sesame"], "u3"]}
    payload |= {"verifiedAt": "2026-02-02", "verifiedBy": "desk"}
    submitted = desk.submit(json.dumps(payload), "regulations.jsonl")
    assert [(row.line, row.part) for row in submitted.refused] == [(1, 2)]
    assert desk.ask("select user_id from raw.privacy_requests order by 1") == [("u1",), ("u3",)]


@pytest.mark.parametrize("mark", [",", '"', "\n", "\r", "\r\n", "\\", "\\.", "\t", "'", "\u2028"])
def test_a_mark_inside_a_value_is_part_of_the_value(desk, mark):
    user = f"a{mark}b"
    request = {"requestId": "a", "receivedAt": "2026-02-01", "regulationType": "DELETE_ONLY", "userId": user}
    assert desk.submit(json.dumps(request), "requests.jsonl").kept == 1
    assert desk.ask("select user_id from raw.privacy_requests") == [(user,)]


TYPED = '{"regulationType": "DELETE_ONLY", '
LINES = {
    "not JSON": ("{", "not valid JSON on one line"),
    "no object": ("3", "not an object"),
    "a key twice": ('{"user_id": "a", "user_id": "b"}', "twice"),
    "a key in two spellings": ('{"user_id": "a", "userId": "b"}', "in two spellings"),
    "an unknown key": ('{"user_id": "a", "nickname": "sesame"}', "a key that is none of"),
    "a list for an id": (TYPED + '"received_at": "2026-02-01", "user_id": ["sesame"]}', "not text"),
    "half a surrogate pair": (TYPED + '"user_id": "\\ud800"}', "half a surrogate pair"),
    "no moment": (TYPED + '"user_id": "a"}', "received_at is missing"),
    "a workspace's objects": (TYPED + '"subjectType": "OBJECT_ID", "subjectIds": ["a"]}', "subjectType"),
    "no subjects": (TYPED + '"subjectType": "USER_ID", "subjectIds": []}', "subjectIds is not"),
}


@pytest.mark.parametrize("flaw", LINES)
def test_a_bad_object_is_refused_by_line_and_the_next_is_kept(desk, flaw):
    line, reason = LINES[flaw]
    good = '{"requestId": "a", "receivedAt": "2026-02-01", "regulationType": "DELETE_ONLY", "userId": "u1"}'
    submitted = desk.submit(f"{line}\n\n{good}\n", "requests.jsonl")
    (refused,) = submitted.refused
    assert refused.line == 1
    assert reason in refused.reason
    assert "sesame" not in refused.reason
    assert (submitted.read, submitted.kept) == (2, 1)


def test_an_older_table_gets_the_columns_it_lacks(desk):
    with desk.connect() as connection:
        connection.execute("alter table raw.privacy_requests rename to set_aside")
        connection.execute("create table raw.privacy_requests (request_id text, user_id text)")
        assert submit(connection, desk.file(HEADER + FULL)).kept == 1
        connection.rollback()


def test_a_file_waits_for_no_other_job_than_another_file(desk):
    others = [lock for lock in Lock if lock is not Lock.SUBMIT]
    with desk.connect() as busy, desk.connect() as connection:
        for lock in others:
            busy.execute("select pg_advisory_xact_lock(%s)", [lock])
        connection.execute("set local lock_timeout = '2s'")
        assert submit(connection, desk.file(HEADER + FULL)).kept == 1
        connection.rollback()
