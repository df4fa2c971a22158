"""Whom a hold keeps, by whatever identifier it names them: rather more than less, and what came after the night too."""

from __future__ import annotations

from privacy_governance.identity import MAXIMUM

ANN, BEN = ("user_id", "ann"), ("user_id", "ben")
BROWSER, PHONE = ("anonymous_id", "browser"), ("device_id", "phone")
MAIL, INFO = ("email", "ann@example.com"), ("email", "info@example.com")


def see_ann(desk):
    desk.see({"user_id": "ann", "email": "ann@example.com"}, {"user_id": "ann", "anonymous_id": "browser"})
    desk.see({"anonymous_id": "browser", "device_id": "phone"}, {"user_id": "ben", "anonymous_id": "another"})


def test_an_address_keeps_who_never_signed_in_by_the_browser_beside_it(desk):
    desk.see({"anonymous_id": "browser", "email": "ann@example.com"})
    desk.hold(MAIL)
    request = desk.ask(BROWSER)
    desk.night()
    assert desk.held() == {MAIL, BROWSER}
    assert (desk.state(request), desk.tombstoned()) == ("on hold", set())
    desk.release(*MAIL)
    desk.night("2026-03-02")
    assert desk.tombstoned() == {MAIL, BROWSER}


def test_every_kind_of_identifier_leads_to_all_of_its_person_and_to_nobody_else(desk):
    see_ann(desk)
    for named in (ANN, BROWSER, MAIL, PHONE):
        desk.hold(named)
        desk.night()
        assert desk.held() == {ANN, BROWSER, MAIL, PHONE}, named
        desk.release(*named)


def test_an_address_that_several_people_share_keeps_all_of_them(desk):
    desk.see({"user_id": "ann", "email": "info@example.com"}, {"user_id": "ben", "email": "info@example.com"})
    desk.see({"user_id": "ben", "anonymous_id": "browser"}, {"user_id": "cleo", "email": "cleo@example.com"})
    desk.hold(INFO)
    requests = [desk.ask(ANN), desk.ask(BEN), desk.ask(("user_id", "cleo"))]
    desk.night()
    assert desk.held() == {INFO, ANN, BEN, BROWSER}
    assert [desk.state(request) for request in requests] == ["on hold", "on hold", "tombstoned"]


def test_an_address_that_leads_to_two_people_over_two_browsers_keeps_both(desk):
    desk.see({"anonymous_id": "browser", "email": "info@example.com"}, {"user_id": "ann", "anonymous_id": "browser"})
    desk.see({"anonymous_id": "another", "email": "info@example.com"}, {"user_id": "ben", "anonymous_id": "another"})
    desk.hold(INFO)
    desk.night()
    assert {ANN, BEN} < desk.held()


def test_more_identifiers_than_one_person_has_are_all_kept(desk):
    desk.see(*({"user_id": f"user {n}", "email": "info@example.com"} for n in range(MAXIMUM + 1)))
    desk.hold(INFO)
    desk.night()
    assert len(desk.held()) == MAXIMUM + 2


def test_a_hold_that_names_two_identifiers_keeps_what_either_leads_to(desk):
    see_ann(desk)
    desk.hold(MAIL, BEN)
    desk.night()
    assert desk.held() == {ANN, BROWSER, MAIL, PHONE, BEN, ("anonymous_id", "another")}


def test_a_hold_of_nobody_keeps_nobody(desk):
    see_ann(desk)
    desk.hold(("email", "nobody@example.com"))
    desk.night()
    assert desk.held() == set()


def test_a_hold_that_comes_after_the_night_keeps_what_is_tied_to_whom_it_names(desk):
    see_ann(desk)
    desk.hold(BEN)
    desk.night()
    assert desk.held_since() == set()
    desk.hold(MAIL)
    assert desk.held_since() == {ANN, BROWSER, MAIL, PHONE}
    desk.night("2026-03-02")
    assert desk.held_since() == set()
    assert {ANN, BROWSER, MAIL, PHONE} < desk.held()


def test_a_hold_that_comes_after_the_night_keeps_no_crowd_but_the_one_that_it_names(desk):
    crowd = [{"user_id": f"user {n}", "email": "info@example.com"} for n in range(30)]
    desk.see(*crowd, {"user_id": "user 0", "email": "ann@example.com"})
    desk.night()
    desk.hold(MAIL)
    assert desk.held_since() == {MAIL, INFO, ("user_id", "user 0")}
    desk.hold(INFO)
    assert len(desk.held_since()) == 32
