"""Personal spans inside sentences."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy_governance.detection.text import find_spans


def found(text):
    return [(span.kind, text[span.start : span.end]) for span in find_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to ann@example.com, please.", [("email", "ann@example.com")]),
        ("paid with 4111 1111 1111 1111 today", [("card_number", "4111 1111 1111 1111")]),
        ("his SSN: 123-45-6788.", [("ssn", "123-45-6788")]),
        ("to GB82WEST12345698765432 by Friday", [("iban", "GB82WEST12345698765432")]),
        ("blocked 203.0.113.7 again", [("ip", "203.0.113.7")]),
        ("blocked 2001:db8:0:0:1::7 again", [("ip", "2001:db8:0:0:1::7")]),
        ("call me at 0688 843 79 56 tonight", [("phone", "0688 843 79 56")]),
        ("ring +1 415 555 2671 now", [("phone", "+1 415 555 2671")]),
        ("born on 1984-02-29 in Rome", [("birth_date", "1984-02-29")]),
        ("lives at 12 Baker Street", [("street_address", "12 Baker Street")]),
        ("wohnt Bahnhofstraße 7", [("street_address", "Bahnhofstraße 7")]),
        ("ask Dr. Ada Byron", [("person_name", "Ada Byron")]),
    ],
)
def test_a_sentence_gives_up_its_personal_span(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "upgrade to 1.4.0.12-beta",
        "order 9411111111111111 shipped",
        "case 000-12-3456 is closed",
        "ticket 2024-000123 took 12:30:45",
        "since 1984-02-29 the office is closed",
        "SKU GB82WEST12345698765433",
        "He drove 12 streets further",
        "follow @ann",
    ],
)
def test_what_only_looks_personal_is_left_alone(text):
    assert found(text) == []


def test_an_escaped_address_in_a_url_is_found():
    assert [span.kind for span in find_spans("https://shop.example/?email=ann%40mail.example&x=1")] == ["email"]


def test_a_stretch_counts_once():
    assert [kind for kind, _ in found("call 4111 1111 1111 1111")] == ["card_number"]


@given(st.text(max_size=300))
def test_spans_are_ordered_apart_and_inside_the_text(text):
    spans = find_spans(text.replace("%", ""))
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(before.end <= after.start for before, after in pairwise(spans))


@given(st.text(alphabet=st.characters(categories=["L", "Zs"]), max_size=80))
def test_an_email_is_found_wherever_it_stands(around):
    assert "email" in {span.kind for span in find_spans(f"{around} ann@example.com {around}")}
