"""What rows that come after a deletion tie to its subject: the subject's own goes, a stranger's stays."""

from __future__ import annotations

import pytest

from lib.identities import token

ANN, BEN = ("user_id", "ann"), ("user_id", "ben")
BROWSER, NEW_BROWSER = ("anonymous_id", "browser"), ("anonymous_id", "new browser")
NIGHTS = ("2026-03-02", "2026-03-03")


@pytest.fixture
def desk_after_ann(desk):
    """Ann asked, and her rows are gone; `desk.request` is hers."""
    desk.see({"user_id": "ann", "anonymous_id": "browser"})
    desk.request = desk.ask(ANN)
    desk.night()
    desk.purge(desk.request)
    return desk


def test_a_browser_that_a_late_row_ties_to_somebody_deleted_is_tombstoned_too(desk_after_ann):
    desk_after_ann.see({"user_id": "ann", "anonymous_id": "new browser"})
    resolved = desk_after_ann.night(NIGHTS[0])
    assert resolved.followed == 1
    assert desk_after_ann.tombstoned_tokens() == {token(*each) for each in (ANN, BROWSER, NEW_BROWSER)}
    assert desk_after_ann.doomed(*NEW_BROWSER) == ("-infinity", "infinity")
    assert desk_after_ann.state(desk_after_ann.request) == "carried out"


def test_the_path_to_a_late_identifier_begins_at_what_was_asked(desk_after_ann):
    desk_after_ann.see({"anonymous_id": "browser", "device_id": "phone"})
    desk_after_ann.night(NIGHTS[0])
    assert desk_after_ann.connection.execute(
        "select path from governance.request_identifiers where request_id = %s and identifier_kind = 'device_id'",
        [desk_after_ann.request],
    ).fetchone() == ([token(*ANN), token(*BROWSER), token("device_id", "phone")],)


def test_a_former_id_that_comes_late_goes_with_its_own_browser(desk_after_ann):
    desk_after_ann.rename("ann before", "ann")
    desk_after_ann.see({"user_id": "ann before", "anonymous_id": "old browser"})
    desk_after_ann.night(NIGHTS[0])
    assert {token("user_id", "ann before"), token("anonymous_id", "old browser")} <= desk_after_ann.tombstoned_tokens()


def test_who_signs_in_later_on_a_deleted_person_s_browser_is_a_stranger(desk_after_ann):
    before = desk_after_ann.tombstoned_tokens()
    desk_after_ann.see({"user_id": "ben", "anonymous_id": "browser"}, {"user_id": "ben", "email": "ben@example.com"})
    desk_after_ann.see({"anonymous_id": "browser", "device_id": "ben's phone"})
    assert desk_after_ann.night(NIGHTS[0]).followed == 0
    assert desk_after_ann.tombstoned_tokens() == before


def test_a_late_row_s_browser_that_others_use_too_stays(desk_after_ann):
    desk_after_ann.see(
        {"user_id": "ann", "anonymous_id": "office"},
        {"user_id": "ben", "anonymous_id": "office"},
        {"anonymous_id": "office", "device_id": "ben's phone"},
    )
    assert desk_after_ann.night(NIGHTS[0]).followed == 0
    assert desk_after_ann.found(desk_after_ann.request, shared=True) == {("anonymous_id", "office")}


def test_a_second_night_follows_nothing_again(desk_after_ann):
    desk_after_ann.see({"user_id": "ann", "anonymous_id": "new browser"})
    desk_after_ann.night(NIGHTS[0])
    before = desk_after_ann.tombstoned_tokens()
    assert desk_after_ann.night(NIGHTS[1]).followed == 0
    assert desk_after_ann.tombstoned_tokens() == before


@pytest.mark.parametrize(
    ("regulation", "doomed"),
    [("DELETE_ONLY", ("-infinity", "2026-02-01")), ("SUPPRESS_ONLY", ("2026-02-01", "infinity"))],
)
def test_a_late_identifier_is_doomed_in_the_time_of_the_request(desk, regulation, doomed):
    desk.see({"user_id": "ann", "anonymous_id": "browser"})
    desk.ask(ANN, regulation=regulation)
    desk.night()
    desk.see({"user_id": "ann", "anonymous_id": "new browser"})
    desk.night(NIGHTS[0])
    assert desk.doomed(*NEW_BROWSER) == doomed


def test_who_came_back_brings_new_browsers_only_up_to_then(desk_after_ann):
    desk_after_ann.ask(ANN, regulation="UNSUPPRESS", received="2026-03-02")
    desk_after_ann.night(NIGHTS[0])
    desk_after_ann.see({"user_id": "ann", "anonymous_id": "new browser"})
    desk_after_ann.night(NIGHTS[1])
    assert desk_after_ann.doomed(*NEW_BROWSER) == ("-infinity", "2026-03-02")
