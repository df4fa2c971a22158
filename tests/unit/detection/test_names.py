"""What column names announce, and what they don't."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy_governance.detection.kinds import KINDS
from privacy_governance.detection.names import STRONG, WEAK, match_name, phrase
from privacy_governance.detection.vocabulary import ANYWHERE, ENDING


def kind(name, types="text", relation=""):
    match = match_name(name, types, relation)
    return match and match.kind


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("email", "email"),
        ("userEmail", "email"),
        ("EMAIL_ADDRESSES", "email"),
        ("customeremailaddress", "email"),
        ("e-mail", "email"),
        ("email_sha256", "email"),
        ("c_email_address", "email"),
        ("clientIPAddress", "ip"),
        ("context_ip", "ip"),
        ("ipv4", "ip"),
        ("dob", "birth_date"),
        ("DateOfBirth", "birth_date"),
        ("birth_year", "birth_date"),
        ("fname", "person_name"),
        ("shipping_address_last_name", "person_name"),
        ("mothersMaiden", "person_name"),
        ("tel", "phone"),
        ("TelephoneNumber", "phone"),
        ("mobile_phone", "phone"),
        ("cc", "card_number"),
        ("payment_details_credit_card_number", "card_number"),
        ("cvv2", "card_security_code"),
        ("address_1", "street_address"),
        ("billing_address", "street_address"),
        ("zipcode", "postal_area"),
        ("context_device_advertising_id", "advertising_id"),
        ("idfa", "advertising_id"),
        ("context_device_id", "device_id"),
        ("context_user_agent", "user_agent"),
        ("anonymous_id", "anonymous_id"),
        ("userid", "account_id"),
        ("lat", "coordinates"),
        ("billing_address_longitude", "coordinates"),
        ("social security number", "ssn"),
        ("passport_no", "passport"),
        ("is_veteran", "veteran_status"),
    ],
)
def test_a_name_in_any_case_or_convention_announces_its_kind(name, expected):
    assert kind(name) == expected


@pytest.mark.parametrize(
    "name",
    [
        "ip_count",
        "email_sent_at",
        "name_of_plan",
        "is_email_verified",
        "phone_country_code",
        "number_of_addresses",
        "email_template",
        "has_phone",
        "num_emails",
        "order_state",
        "event_name",
        "context_app_name",
        "ship_date",
        "zipper",
        "description_id",
        "landing",
        "status",
        "cardinality",
        "pagerank",
        "latest",
        "emailing_enabled",
        "relationship",
        "trace",
        "embrace",
    ],
)
def test_a_name_that_only_mentions_a_kind_announces_nothing(name):
    assert kind(name) is None


@pytest.mark.parametrize("types", ["boolean", "timestamp", "number"])
def test_a_flag_a_time_or_a_number_is_no_email(types):
    assert kind("email", types) is None


def test_a_flag_still_tells_of_health():
    assert kind("has_disability", "boolean") == "health"


def test_a_bare_name_is_believed_in_a_table_of_people():
    assert match_name("name", "text", "raw.users").weight == STRONG
    assert match_name("name", "text", "raw.products").weight == WEAK


def test_every_default_matcher_of_segment_is_known(shared_data):
    with (shared_data / "segment" / "default_pii_matchers.csv").open() as file:
        names = [row["matcher"] for row in csv.DictReader(file)]
    assert names
    assert [name for name in names if kind(name) is None] == []


def test_every_rule_announces_a_kind_that_has_a_tag():
    assert {rule.kind for rule in (*ANYWHERE, *ENDING)} <= KINDS.keys()


@given(st.text(max_size=63))
def test_any_name_can_be_read(name):
    assert isinstance(phrase(name), str)
    match_name(name, "text")


@given(st.sampled_from(["email", "first_name", "date_of_birth", "user_agent", "phone_number"]))
def test_the_convention_changes_nothing(name):
    camel = name.split("_")[0] + "".join(part.title() for part in name.split("_")[1:])
    assert kind(name) == kind(camel) == kind(name.upper()) == kind(name.replace("_", "-")) is not None
