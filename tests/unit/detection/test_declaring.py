"""Suggestions as YAML, and declarations that values contradict."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from privacy_governance.detection import classify_sample, contradictions, suggested_yaml
from privacy_governance.detection.sampling import Column, Sample

EMAILS = tuple(f"user{n}@example.com" for n in range(30))


@dataclass(frozen=True)
class Declared:
    pi_kinds: frozenset[str]
    identifiability: str


NOT_PERSONAL = Declared(frozenset(), "none")


def suggestions(relation="raw.orders", **columns):
    described = tuple(Column(name, "text", "text") for name in columns)
    return classify_sample(Sample(relation, described, 30, tuple(columns.values())))


def tables(text):
    return yaml.safe_load(text)["sources"][0]["tables"]


def test_a_finding_is_written_as_a_tag():
    [table] = tables(suggested_yaml(suggestions(contact=EMAILS), "shop"))
    assert table["name"] == "orders"
    assert table["columns"][0]["config"]["meta"] == {
        "pi_kind": "contact_information",
        "ccpa_category": "identifiers_general",
        "identifiability": "direct",
    }


def test_a_column_without_a_finding_is_left_untagged_for_a_person():
    text = suggested_yaml(suggestions(colour=("red", "blue")), "shop")
    assert tables(text)[0]["columns"] == [{"name": "colour", "data_type": "text"}]
    assert "# decide" in text


def test_what_a_document_holds_is_one_tag_of_its_column():
    documents = tuple(f'{{"email": "{email}", "ip": "203.0.113.7"}}' for email in EMAILS)
    [column] = tables(suggested_yaml(suggestions(context=documents), "shop"))[0]["columns"]
    assert column["config"]["meta"]["pi_kind"] == ["contact_information", "device_data"]
    assert column["config"]["meta"]["identifiability"] == "direct"


def test_no_value_is_written():
    documents = tuple(f'{{"{email}": 1}}' for email in EMAILS)
    text = suggested_yaml(suggestions(a=EMAILS, b=documents), "shop")
    assert "@" not in text


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=63))
def test_any_column_name_reads_back(name):
    [column] = tables(suggested_yaml(suggestions(**{name: ("x",)}), "shop"))[0]["columns"]
    assert column["name"] == name


@pytest.mark.parametrize(
    ("relation", "name"),
    [("raw.users", "users"), ('raw."Mixed"', "Mixed"), ('"a.b"."c.d"', "c.d"), ('r."x""y"', 'x"y')],
)
def test_a_table_is_named_without_schema_and_quotes(relation, name):
    assert tables(suggested_yaml(suggestions(relation, c=("x",)), "shop"))[0]["name"] == name


def test_values_contradict_a_declaration_of_not_personal():
    [found] = contradictions(suggestions(note=EMAILS), {("raw.orders", "note"): NOT_PERSONAL})
    assert (found.kind, found.evidence.matched) == ("email", 30)
    assert "raw.orders.note is declared identifiability none" in found.message
    assert "@" not in found.message


def test_values_contradict_too_low_an_identifiability():
    declared = {("raw.orders", "note"): Declared(frozenset({"contact_information"}), "pseudonymous")}
    assert [found.declared for found in contradictions(suggestions(note=EMAILS), declared)] == [
        "identifiability pseudonymous"
    ]


def test_values_contradict_another_kind():
    declared = {("raw.orders", "note"): Declared(frozenset({"usage_data"}), "direct")}
    assert [found.declared for found in contradictions(suggestions(note=EMAILS), declared)] == ["pi_kind usage_data"]


def test_values_that_agree_contradict_nothing():
    declared = {("raw.orders", "note"): Declared(frozenset({"contact_information"}), "direct")}
    assert contradictions(suggestions(note=EMAILS), declared) == []


def test_a_name_alone_contradicts_nobody():
    declared = {("raw.orders", "email"): NOT_PERSONAL}
    assert contradictions(suggestions(email=()), declared) == []


def test_a_column_nobody_declared_contradicts_nothing():
    assert contradictions(suggestions(note=EMAILS), {}) == []
