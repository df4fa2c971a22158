"""Each detector on values of its kind and on values made to look like it."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from privacy_governance.detection.values import (
    is_birth_date_loose,
    is_card_number,
    is_coordinate_pair,
    is_email,
    is_iban,
    is_ip,
    is_mac,
    is_person_name_loose,
    is_phone,
    is_region_loose,
    is_ssn,
    is_ssn_loose,
    is_street_address,
    is_user_agent,
    proven,
)


@pytest.mark.parametrize(
    "value", ["ann@example.com", "a.b+c@mail.example.co.uk", "O'Hara@example.ie", "jörg@exämple.de"]
)
def test_an_address_with_a_dotted_domain_is_an_email(value):
    assert is_email(value)


@pytest.mark.parametrize(
    "value",
    ["ann@localhost", "@handle", "a@b@c.example", "npm/pkg@1.2.3", "x@1.2", "git@github.com:org/repo", "@"],
)
def test_a_handle_a_package_or_a_remote_is_no_email(value):
    assert not is_email(value)


@pytest.mark.parametrize(
    "value",
    ["4111111111111111", "5500-0000-0000-0004", "3782 822463 10005", "6759521864920116", "30569309025904"],
)
def test_a_number_of_a_card_network_that_passes_luhn_is_a_card(value):
    assert is_card_number(value)


@pytest.mark.parametrize("value", ["4111111111111112", "5500000000000005", "378282246310006"])
def test_one_wrong_digit_makes_it_no_card(value):
    assert not is_card_number(value)


@given(st.integers(min_value=10**14, max_value=10**15 - 1))
def test_an_order_number_that_passes_luhn_but_starts_like_no_network_is_no_card(number):
    order = f"9{number}"
    assert not is_card_number(order + luhn.calc_check_digit(order))


def test_a_luhn_valid_order_number_of_a_length_that_its_network_lacks_is_no_card():
    order = "5512345678901"
    assert not is_card_number(order + luhn.calc_check_digit(order))


def test_zeroes_and_milliseconds_since_1970_are_no_cards():
    assert not any(map(is_card_number, ["0000000000000000", "1718000000000"]))


@pytest.mark.parametrize("value", ["001-01-0001", "665-12-3456", "899-99-9999"])
def test_a_number_in_an_issued_range_is_an_ssn(value):
    assert is_ssn(value)


@pytest.mark.parametrize(
    "value",
    ["000-12-3456", "666-12-3456", "900-12-3456", "999-12-3456", "123-00-4567", "123-45-0000", "078-05-1120"],
)
def test_a_number_never_issued_is_no_ssn(value):
    assert not is_ssn(value)
    assert not is_ssn_loose(value.replace("-", ""))


@given(st.integers(900, 999), st.integers(1, 99), st.integers(1, 9999))
def test_no_ssn_has_an_area_of_nine_hundred_or_more(area, group, serial):
    assert not is_ssn(f"{area}-{group:02}-{serial:04}")


def test_nine_plain_digits_are_an_ssn_only_where_the_name_asks():
    assert not is_ssn("123456789")
    assert is_ssn_loose("123456789")


@pytest.mark.parametrize(
    "value", ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "fr1420041010050500013m02606"]
)
def test_an_account_number_of_its_countrys_length_with_a_valid_remainder_is_an_iban(value):
    assert is_iban(value)


@pytest.mark.parametrize(
    "value",
    ["GB82WEST12345698765433", "ZZ82WEST12345698765432", "DE8937040044053201300", "SKU12345678901234"],
)
def test_a_wrong_check_country_or_length_is_no_iban(value):
    assert not is_iban(value)


@given(st.ip_addresses().filter(lambda address: not address.is_unspecified))
def test_every_ip_address_is_found_as_python_writes_it(address):
    assert is_ip(str(address))


@pytest.mark.parametrize("value", ["1.2.3", "1.2.3.4.5", "256.1.1.1", "12:30:45", "::", "v1.2.3.4", "01.02.03.04"])
def test_versions_times_and_the_unspecified_address_are_no_ip(value):
    assert not is_ip(value)


def test_an_address_with_its_prefix_is_an_ip():
    assert is_ip(str(ipaddress.ip_interface("203.0.113.9/32")))


@pytest.mark.parametrize(
    "value",
    [
        "+1 415 555 2671",
        "(415) 555-2671",
        "415-555-2671",
        "+447700900123",
        "+49 30 901820",
        "415.555.2671",
    ],
)
def test_a_number_written_as_a_phone_number_is_one(value):
    assert is_phone(value)


@pytest.mark.parametrize(
    "value",
    [
        "4155552671",
        "123456789",
        "2024-01-02",
        "203.0.113.250",
        "12-34",
        "+1",
        "1,234,567.89",
        "20240102 101112",
    ],
)
def test_bare_digits_dates_and_addresses_are_no_phone_without_a_name(value):
    assert not is_phone(value)


@pytest.mark.parametrize("value", ["37.7749,-122.4194", "(48.8566, 2.3522)", "POINT(2.3522 48.8566)"])
def test_a_pair_of_precise_degrees_is_a_place(value):
    assert is_coordinate_pair(value)


@pytest.mark.parametrize("value", ["95.1234,10.1234", "37.77,-122.41", "1.000,500.000", "3.5"])
def test_a_pair_out_of_range_or_without_precision_is_none(value):
    assert not is_coordinate_pair(value)


@pytest.mark.parametrize("value", ["1984-02-29", "2/29/1984", "31.12.1999", "19840229", "1984", "1984-02-29 00:00:00"])
def test_a_date_of_the_last_century_may_be_a_birth_date(value):
    assert is_birth_date_loose(value)


@pytest.mark.parametrize("value", ["2983-01-01", "1812-04-05", "1985-02-30", "tomorrow", "1750"])
def test_a_date_to_come_too_old_or_not_in_the_calendar_is_no_birth_date(value):
    assert not is_birth_date_loose(value)


@pytest.mark.parametrize(
    "value", ["12 Main Street", "Avenida Noruega 42", "Bahnhofstraße 7", "P.O. Box 255", "221B Baker St"]
)
def test_a_house_number_with_a_street_word_is_an_address(value):
    assert is_street_address(value)


@pytest.mark.parametrize("value", ["Main Street", "12 monkeys", "Windows 11", "42", "iPhone 15 Pro", "Sesame Street"])
def test_a_number_or_a_street_alone_is_no_address(value):
    assert not is_street_address(value)


def test_a_browser_and_a_client_are_user_agents_and_a_product_is_not():
    assert is_user_agent("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36")
    assert is_user_agent("okhttp/4.9.0")
    assert is_user_agent("Shop/3.1 (iPhone; iOS 17.0)")
    assert not is_user_agent("Mozilla Foundation")
    assert not is_user_agent("analytics.js/4.1")


def test_six_octets_are_a_mac_and_a_time_is_not():
    assert is_mac("00:1b:44:11:3a:b7")
    assert not is_mac("00:11:22")
    assert not is_mac("00:1b-44:11-3a:b7")


def test_names_are_letters_and_may_have_apostrophes_hyphens_and_other_scripts():
    assert all(map(is_person_name_loose, ["O'Hara", "Anna-Maria Šárka", "山田 太郎", "de la Cruz".title()]))
    assert not any(map(is_person_name_loose, ["plan_4", "blue t-shirt", "x@y.example", "a" * 90]))


def test_a_region_is_a_code_or_a_capitalized_name():
    assert all(map(is_region_loose, ["CA", "New York", "US-CA"]))
    assert not any(map(is_region_loose, ["enabled", "pending review"]))


@given(st.text(max_size=80))
def test_any_text_is_judged_without_an_error(text):
    assert proven(text) is None or isinstance(proven(text), str)


@given(st.integers(-(10**11), 10**11).map(str) | st.floats(allow_nan=False).map(str))
def test_no_number_short_of_a_card_proves_anything(text):
    assert proven(text) is None
