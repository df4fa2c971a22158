"""When rows of a tombstoned identifier are doomed, by what was asked; holds, and the way back."""

from __future__ import annotations

import pytest

BEN = ("user_id", "ben")
ANN, BROWSER, MAIL = ("user_id", "ann"), ("anonymous_id", "browser"), ("email", "ann@example.com")
EVER, NEVER = "-infinity", "infinity"


@pytest.fixture
def desk_of_ann(desk):
    desk.see({"user_id": "ann", "anonymous_id": "browser"})
    return desk


@pytest.mark.parametrize(
    ("regulation", "doomed"),
    [
        ("SUPPRESS_WITH_DELETE", (EVER, NEVER)),
        ("DELETE_ONLY", (EVER, "2026-02-01")),
        ("SUPPRESS_ONLY", ("2026-02-01", NEVER)),
        ("UNSUPPRESS", None),
    ],
)
def test_a_type_dooms_its_time_for_every_identifier(desk_of_ann, regulation, doomed):
    desk_of_ann.ask(ANN, regulation=regulation)
    desk_of_ann.night()
    assert desk_of_ann.doomed(*ANN) == desk_of_ann.doomed(*BROWSER) == doomed


@pytest.mark.parametrize(
    ("first", "second", "doomed"),
    [
        ("DELETE_ONLY", "SUPPRESS_WITH_DELETE", (EVER, NEVER)),
        ("SUPPRESS_WITH_DELETE", "DELETE_ONLY", (EVER, NEVER)),
        ("DELETE_ONLY", "DELETE_ONLY", (EVER, "2026-02-20")),
        ("SUPPRESS_ONLY", "DELETE_ONLY", (EVER, NEVER)),
        ("SUPPRESS_WITH_DELETE", "UNSUPPRESS", (EVER, "2026-02-20")),
        ("SUPPRESS_ONLY", "UNSUPPRESS", ("2026-02-01", "2026-02-20")),
        ("DELETE_ONLY", "UNSUPPRESS", (EVER, "2026-02-01")),
        ("UNSUPPRESS", "SUPPRESS_WITH_DELETE", (EVER, NEVER)),
    ],
)
@pytest.mark.parametrize("nights", [1, 2])
def test_two_requests_of_one_subject_are_merged(desk_of_ann, first, second, doomed, nights):
    desk_of_ann.ask(ANN, regulation=first, received="2026-02-01")
    if nights == 2:
        desk_of_ann.night("2026-02-02")
    desk_of_ann.ask(ANN, regulation=second, received="2026-02-20")
    desk_of_ann.night()
    assert desk_of_ann.doomed(*ANN) == desk_of_ann.doomed(*BROWSER) == doomed


def test_who_comes_back_does_so_with_every_identifier_although_the_rows_are_gone(desk_of_ann):
    desk_of_ann.ask(ANN)
    desk_of_ann.night()
    for table in ("int_identifiers__linked", "int_identifiers__tokenized"):
        desk_of_ann.connection.execute(f"delete from intermediate.{table}")
    withdrawal = desk_of_ann.ask(ANN, regulation="UNSUPPRESS", received="2026-02-20")
    desk_of_ann.night("2026-03-02")
    assert desk_of_ann.doomed(*ANN) == desk_of_ann.doomed(*BROWSER) == (EVER, "2026-02-20")
    assert desk_of_ann.state(withdrawal) == "carried out"


def test_a_withdrawal_that_names_only_what_several_people_share_is_refused_and_not_told_as_carried_out(desk):
    desk.see({"user_id": "ann", "email": "ann@example.com"}, {"user_id": "ben", "email": "ann@example.com"})
    desk.ask(ANN)
    desk.night()
    withdrawal = desk.ask(MAIL, regulation="UNSUPPRESS", received="2026-02-20")
    for night in ("2026-03-02", "2026-03-03"):
        desk.night(night)
        assert desk.state(withdrawal) == "refused"
    assert desk.doomed(*ANN) == (EVER, NEVER)
    assert desk.connection.execute(
        "select refusal ~ 'shared by several people', decided_on::text from governance.deletion_requests"
        " where request_id = %s",
        [withdrawal],
    ).fetchone() == (True, "2026-03-02")


def test_a_withdrawal_that_names_somebody_of_whom_no_row_is_left_is_carried_out(desk):
    withdrawal = desk.ask(ANN, MAIL, regulation="UNSUPPRESS", received="2026-02-20")
    desk.night()
    assert desk.state(withdrawal) == "carried out"


def test_a_withdrawal_older_than_the_request_withdraws_nothing(desk_of_ann):
    desk_of_ann.ask(ANN, received="2026-02-20")
    desk_of_ann.night()
    desk_of_ann.ask(ANN, regulation="UNSUPPRESS", received="2026-02-01")
    desk_of_ann.night("2026-03-02")
    assert desk_of_ann.doomed(*ANN) == (EVER, NEVER)


def test_a_request_verified_after_its_withdrawal_dooms_only_what_was_before(desk_of_ann):
    desk_of_ann.ask(ANN, regulation="UNSUPPRESS", received="2026-02-20")
    desk_of_ann.night()
    desk_of_ann.ask(ANN, received="2026-02-01")
    desk_of_ann.night("2026-03-02")
    assert desk_of_ann.doomed(*ANN) == (EVER, "2026-02-20")


def test_a_hold_stops_a_request_that_reaches_it_by_another_identifier_and_its_end_lets_it_go_on(desk):
    desk.rename("ann before", "ann")
    desk.see({"user_id": "ann before", "email": "ann@example.com"})
    desk.hold(ANN)
    request = desk.ask(MAIL)
    desk.night()
    assert (desk.state(request), desk.tombstoned()) == ("on hold", set())
    desk.release(*ANN)
    desk.night("2026-03-02")
    assert desk.state(request) == "tombstoned"
    assert {ANN, MAIL} <= desk.tombstoned()


def test_a_hold_does_not_keep_a_stranger_who_shares_the_browser(desk):
    desk.see({"user_id": "ann", "anonymous_id": "browser"}, {"user_id": "ben", "anonymous_id": "browser"})
    desk.hold(BEN)
    request = desk.ask(ANN)
    desk.night()
    assert desk.state(request) == "tombstoned"
