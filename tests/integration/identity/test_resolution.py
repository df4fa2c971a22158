"""From what a request names to all identifiers of its subject; strangers stay strangers."""

from __future__ import annotations

from datetime import date

import pytest

from lib.identities import NIGHT, token
from privacy_governance import reviews
from privacy_governance.errors import RequestError
from privacy_governance.identity import MAXIMUM, walking
from privacy_governance.requests.deciding import refuse

ANN, BEN = ("user_id", "ann"), ("user_id", "ben")
BROWSER, OTHER_BROWSER = ("anonymous_id", "browser"), ("anonymous_id", "other browser")
MAIL = ("email", "ann@example.com")
INFO = ("email", "info@example.com")


def read_whole(connection):
    """How often this transaction read the tables of all identifiers and links from end to end."""
    return connection.execute(
        "select sum(seq_scan) from pg_stat_xact_all_tables"
        " where relname in ('int_identifiers__tokenized', 'int_identifiers__linked')"
    ).fetchone()


def test_all_identifiers_that_stand_beside_the_named_one_are_found(desk):
    desk.see({"user_id": "ann", "anonymous_id": "browser"}, {"user_id": "ann", "email": "ann@example.com"})
    desk.see({"user_id": "ben", "anonymous_id": "other browser"})
    request = desk.ask(ANN)
    desk.night()
    assert desk.found(request) == {ANN, BROWSER, MAIL} == desk.tombstoned()


def test_the_path_that_led_to_an_identifier_is_kept_as_tokens(desk):
    desk.see({"user_id": "ann", "anonymous_id": "browser"}, {"anonymous_id": "browser", "device_id": "phone"})
    request = desk.ask(ANN)
    desk.night()
    (path,) = desk.connection.execute(
        "select path from governance.request_identifiers where request_id = %s and identifier_kind = 'device_id'",
        [request],
    ).fetchone()
    assert path == [token(*ANN), token(*BROWSER), token("device_id", "phone")]


def test_an_address_alone_leads_to_its_only_person(desk):
    desk.see({"user_id": "ann", "email": "ann@example.com"}, {"user_id": "ann", "anonymous_id": "browser"})
    request = desk.ask(MAIL)
    desk.night()
    assert desk.found(request) == {ANN, BROWSER, MAIL}


def test_a_shared_browser_does_not_merge_two_people_and_stays(desk):
    desk.see({"user_id": "ann", "anonymous_id": "browser"}, {"user_id": "ben", "anonymous_id": "browser"})
    request = desk.ask(ANN)
    desk.night()
    assert desk.found(request) == {ANN} == desk.tombstoned()
    assert desk.found(request, shared=True) == {BROWSER}


def test_what_lies_behind_a_shared_browser_is_not_reached(desk):
    desk.see({"user_id": "ann", "anonymous_id": "browser"}, {"user_id": "ben", "anonymous_id": "browser"})
    desk.see({"anonymous_id": "browser", "device_id": "phone"})
    request = desk.ask(ANN)
    desk.night()
    assert desk.found(request) == {ANN}


def test_aliases_tie_former_ids_to_one_person_through_any_number_of_names(desk):
    desk.rename("browser", "oldest")
    desk.rename("oldest", "older")
    desk.rename("older", "ann")
    for user in ("oldest", "older", "ann"):
        desk.see({"user_id": user, "anonymous_id": "browser"})
    request = desk.ask(ANN)
    desk.night()
    users = {("user_id", name) for name in ("ann", "older", "oldest")}
    assert users | {BROWSER} <= desk.tombstoned()
    assert desk.found(request, shared=True) == set()


def test_a_former_id_leads_to_the_present_one(desk):
    desk.rename("older", "ann")
    desk.see({"user_id": "ann", "email": "ann@example.com"})
    desk.ask(("user_id", "older"))
    desk.night()
    assert {ANN, MAIL} <= desk.tombstoned()


def test_names_that_go_in_a_circle_are_one_person(desk):
    desk.rename("ann", "anna")
    desk.rename("anna", "ann")
    desk.see({"user_id": "ann", "anonymous_id": "browser"}, {"user_id": "anna", "anonymous_id": "browser"})
    desk.ask(ANN)
    desk.night()
    assert {ANN, ("user_id", "anna"), BROWSER} <= desk.tombstoned()


def test_a_browser_that_two_people_were_aliased_from_ties_nobody(desk):
    desk.rename("browser", "ann")
    desk.rename("browser", "ben")
    request = desk.ask(ANN)
    desk.night()
    assert desk.tombstoned() == {ANN}
    assert desk.found(request, shared=True) == {BROWSER, ("user_id", "browser")}


def test_an_identifier_that_is_not_in_the_warehouse_is_tombstoned_all_the_same(desk):
    request = desk.ask(("user_id", "nobody"))
    desk.night()
    assert desk.state(request) == "tombstoned"
    assert len(desk.tombstoned()) == 1


def test_two_people_whom_a_row_without_user_joins_wait_for_a_review(desk):
    desk.see({"user_id": "ann", "anonymous_id": "browser"}, {"anonymous_id": "browser", "email": "ben@example.com"})
    desk.see({"user_id": "ben", "email": "ben@example.com"})
    request = desk.ask(ANN)
    resolved = desk.night()
    assert (desk.state(request), resolved.in_review) == ("in review", 1)
    assert desk.tombstoned() == set()


def test_a_former_id_of_its_own_rows_that_two_people_claim_waits_for_a_review(desk):
    desk.see({"user_id": "older", "email": "older@example.com"})
    desk.rename("older", "ann")
    desk.rename("older", "ben")
    request = desk.ask(ANN)
    desk.night()
    assert desk.state(request) == "in review"


def test_a_request_that_names_only_a_shared_address_waits_for_a_review(desk):
    desk.see({"user_id": "ann", "email": "info@example.com"}, {"user_id": "ben", "email": "info@example.com"})
    request = desk.ask(INFO)
    desk.night()
    assert desk.state(request) == "in review"
    assert desk.tombstoned() == set()


def test_a_component_over_the_maximum_waits_for_a_review(desk):
    desk.see(*({"user_id": "ann", "anonymous_id": f"browser {n}"} for n in range(MAXIMUM + 1)))
    request = desk.ask(ANN)
    desk.night()
    assert desk.state(request) == "in review"
    (waiting,) = reviews.pending(desk.connection)
    assert str(MAXIMUM) in waiting.finding


def test_a_finding_counts_and_holds_no_identifier(desk):
    test_two_people_whom_a_row_without_user_joins_wait_for_a_review(desk)
    (waiting,) = reviews.pending(desk.connection)
    assert "2 user_id" in waiting.finding
    assert not any(value in waiting.finding for value in ("ann", "ben", "browser", "example"))


def test_an_approved_review_deletes_the_whole_component(desk):
    test_two_people_whom_a_row_without_user_joins_wait_for_a_review(desk)
    desk.decide("approved")
    desk.night("2026-03-02")
    assert desk.tombstoned() == {ANN, BEN, BROWSER, ("email", "ben@example.com")}


def test_an_approval_covers_nobody_who_comes_to_the_shared_address_after_it_was_asked_about(desk):
    desk.see({"user_id": "ann", "email": "info@example.com"}, {"user_id": "ben", "email": "info@example.com"})
    request = desk.ask(INFO)
    desk.night()
    desk.see({"user_id": "cleo", "email": "info@example.com"})
    desk.decide("approved")
    assert desk.night("2026-03-02").in_review == 1
    assert (desk.state(request), desk.tombstoned()) == ("in review", set())
    (again,) = reviews.pending(desk.connection)
    assert "3 user ids now, which are not those that Privacy desk approved on" in again.finding
    desk.decide("approved")
    desk.night("2026-03-03")
    assert desk.tombstoned() == {ANN, BEN, ("user_id", "cleo"), INFO}


def test_an_approved_request_that_a_hold_keeps_waiting_is_asked_about_again_only_where_somebody_came(desk):
    desk.see({"user_id": "ann", "email": "info@example.com"}, {"user_id": "ben", "email": "info@example.com"})
    request = desk.ask(INFO)
    desk.night()
    desk.decide("approved")
    desk.hold(ANN)
    for night in ("2026-03-02", "2026-03-03"):
        desk.night(night)
        assert desk.state(request) == "on hold"
    desk.see({"user_id": "cleo", "email": "info@example.com"})
    desk.release(*ANN)
    desk.night("2026-03-04")
    assert (desk.state(request), desk.tombstoned()) == ("in review", set())


def test_a_rejected_review_deletes_only_what_nobody_else_shares(desk):
    desk.see({"user_id": "ann", "anonymous_id": "other browser"})
    test_two_people_whom_a_row_without_user_joins_wait_for_a_review(desk)
    desk.decide("rejected")
    desk.night("2026-03-02")
    assert desk.tombstoned() == {ANN, OTHER_BROWSER}


def test_a_rejected_review_of_a_shared_address_refuses_the_request(desk):
    desk.see({"user_id": "ann", "email": "info@example.com"}, {"user_id": "ben", "email": "info@example.com"})
    request = desk.ask(INFO)
    desk.night()
    desk.decide("rejected")
    desk.night("2026-03-02")
    assert (desk.state(request), desk.tombstoned()) == ("refused", set())


def test_an_approved_review_of_a_large_component_deletes_all_of_it(desk):
    desk.see(*({"user_id": "ann", "anonymous_id": f"browser {n}"} for n in range(MAXIMUM + 50)))
    desk.ask(ANN)
    desk.night()
    desk.decide("approved")
    desk.night("2026-03-02")
    assert len(desk.tombstoned()) == MAXIMUM + 51


def test_a_pending_review_is_asked_once_and_its_request_waits_on(desk):
    test_two_people_whom_a_row_without_user_joins_wait_for_a_review(desk)
    desk.night("2026-03-02")
    assert len(reviews.pending(desk.connection)) == 1
    assert desk.tombstoned() == set()


def test_a_decision_stands(desk):
    test_two_people_whom_a_row_without_user_joins_wait_for_a_review(desk)
    made = desk.decide("approved")
    assert reviews.decide(desk.connection, made.review_id, "approved", by="Again") == made
    with pytest.raises(RequestError, match="was approved by Privacy desk before"):
        reviews.decide(desk.connection, made.review_id, "rejected", by="Somebody")
    with pytest.raises(RequestError, match="no review"):
        reviews.decide(desk.connection, made.review_id + 1, "rejected", by="Somebody")
    with pytest.raises(RequestError, match="--by"):
        reviews.decide(desk.connection, made.review_id, "approved", by=" ")


def test_the_review_of_a_refused_request_waits_for_nobody(desk):
    test_two_people_whom_a_row_without_user_joins_wait_for_a_review(desk)
    (waiting,) = reviews.pending(desk.connection)
    refuse(desk.connection, waiting.about, reason="Asked from another country", on=date(2026, 3, 2))
    assert reviews.pending(desk.connection) == ()
    (closed,) = reviews.every(desk.connection)
    assert (closed.decision, closed.reason) == ("rejected", "Asked from another country")
    desk.night("2026-03-02")
    assert (desk.state(waiting.about), desk.tombstoned()) == ("refused", set())


def test_a_decision_s_reason_names_nobody(desk):
    desk.see({"user_id": "ann", "email": "info@example.com"}, {"user_id": "ben", "email": "info@example.com"})
    desk.ask(INFO)
    desk.night()
    (waiting,) = reviews.pending(desk.connection)
    with pytest.raises(RequestError, match="address or a long number"):
        reviews.decide(desk.connection, waiting.review_id, "approved", by="Desk", reason="ann@example.com wrote")
    assert reviews.pending(desk.connection) == (waiting,)


def test_a_second_run_of_the_night_finds_the_same(desk):
    desk.see({"user_id": "ann", "anonymous_id": "browser"})
    request = desk.ask(ANN)
    desk.hold(ANN)
    desk.night()
    before = desk.found(request)
    desk.night()
    assert desk.found(request) == before == {ANN, BROWSER}


def test_many_requests_are_kept_apart(desk):
    for n in range(30):
        desk.see({"user_id": f"user {n}", "anonymous_id": f"browser {n}"})
    requests = {n: desk.ask(("user_id", f"user {n}")) for n in range(30)}
    desk.night()
    for n, request in requests.items():
        assert desk.found(request) == {("user_id", f"user {n}"), ("anonymous_id", f"browser {n}")}


def test_a_night_is_only_for_who_asked(desk):
    desk.see({"user_id": "ann", "anonymous_id": "browser"})
    assert desk.night(NIGHT).identifiers == 0


def test_a_walk_looks_up_whom_it_reaches_and_reads_no_table_of_all_identifiers(desk):
    # a quarter of everybody asks: to join them with all would look cheaper
    desk.connection.execute(
        "insert into intermediate.int_identifiers__tokenized"
        " select kind, n::text, md5(kind || n) || md5(kind || n), md5(kind || n)::uuid"
        " from unnest(array['user_id', 'anonymous_id']) as kind cross join generate_series(1, 4000) as n;"
        "insert into intermediate.int_identifiers__linked"
        " select md5('user_id' || n)::uuid, 'user_id', md5('anonymous_id' || n)::uuid, 'anonymous_id', false"
        " from generate_series(1, 4000) as n;"
        "analyze intermediate.int_identifiers__tokenized, intermediate.int_identifiers__linked"
    )
    walking.begin(desk.connection)
    desk.connection.execute(
        "insert into inquiries select n, n::text, array[md5('user_id' || n) || md5('user_id' || n)], false, 100"
        " from generate_series(1, 1000) as n"
    )
    before = read_whole(desk.connection)
    walking.walk(desk.connection)
    assert read_whole(desk.connection) == before
    assert desk.connection.execute("select count(*) from reached").fetchone() == (2000,)
