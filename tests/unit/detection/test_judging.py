"""Names weighed against values."""

from __future__ import annotations

import pytest

from privacy_governance.detection.judging import judge

EMAILS = [f"user{n}@example.com" for n in range(50)]
SSNS = [f"{100 + n}-12-{3000 + n}" for n in range(50)]


def verdict(name, values, types="text", relation="raw.t"):
    return judge(name, types, values, sampled=len(values), relation=relation)


def test_values_are_believed_against_a_harmless_name():
    found = verdict("id", SSNS)
    assert (found.kind, found.evidence.matched, found.evidence.by_name) == ("ssn", 50, False)


def test_values_are_believed_against_another_kinds_name():
    assert verdict("phone", EMAILS).kind == "email"


def test_a_name_and_its_values_together_are_believed_most():
    assert verdict("email", EMAILS).confidence > verdict("a", EMAILS).confidence > verdict("email", []).confidence


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("email", ["true", "false", "true"]),
        ("last_ip", ["1", "2", "17"]),
        ("user_agent", ["0", "1"]),
        ("username", ["true", "false"]),
        ("customer_name", ["2024-01-02 10:00:00", "2024-01-03 11:00:00"]),
    ],
)
def test_flags_counts_and_times_refute_a_name(name, values):
    assert verdict(name, values).kind == "undecided"


def test_a_digest_under_a_personal_name_stays_personal():
    assert verdict("email", [f"{n:032x}" for n in range(40)]).kind == "email"


@pytest.mark.parametrize("values", [[], ["", "  "]])
def test_without_values_the_name_stands(values):
    assert verdict("email", values).kind == "email"


def test_nothing_found_is_undecided_with_no_confidence():
    found = verdict("colour", ["red", "green"])
    assert (found.kind, found.confidence) == ("undecided", 0.0)


def test_a_column_of_versions_is_no_column_of_addresses():
    assert verdict("release", [f"1.{n}.0.{n}" for n in range(40)]).kind == "undecided"
    assert verdict("origin", [f"203.0.113.{n}" for n in range(40)]).kind == "ip"


def test_one_address_in_a_thousand_notes_is_reported():
    notes = [f"shipped parcel number {n} in the morning" for n in range(999)]
    found = verdict("remarks_internal", [*notes, "customer wrote from ann@example.com this morning"])
    assert (found.kind, found.evidence.contains) == ("free_text", (("email", 1),))


def test_a_stray_street_word_among_short_values_is_not_reported():
    assert verdict("product", [*(f"Lamp {n:03}" for n in range(200)), "Bahnhofstraße 7"]).kind == "undecided"


def test_a_products_name_is_no_persons():
    assert verdict("name", [f"Widget {n} XL" for n in range(20)], relation="raw.products").kind == "undecided"
    assert verdict("name", ["Ada Byron", "Alan Turing"], relation="raw.people").kind == "person_name"


def test_an_account_state_is_no_region():
    assert verdict("state", ["enabled", "disabled"]).kind == "undecided"
    assert verdict("state", ["CA", "NY"]).kind == "region"


def test_dates_that_are_no_birthdays_are_left_alone():
    assert verdict("shipped_on", ["1984-02-29"], types="date").kind == "undecided"
    assert verdict("birth_date", ["1984-02-29"], types="date").kind == "birth_date"


def test_digits_are_a_phone_only_under_its_name():
    digits = [f"41555526{n:02}" for n in range(20)]
    assert verdict("reference", digits).kind == "undecided"
    assert verdict("mobile", digits).kind == "phone"
    assert verdict("mobile", digits, types="number").kind == "phone"


def test_a_sparse_kind_under_a_stricter_name_does_not_lower_it():
    assert verdict("national_id", [*(f"AB{n}CD" for n in range(90)), *SSNS[:40]]).kind == "national_id"


def test_binary_content_is_judged_by_name_alone():
    assert verdict("avatar", [], types="binary").kind == "photo"
    assert verdict("payload", [], types="binary").kind == "undecided"
