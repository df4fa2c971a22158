"""What counts as in use, and what is said where the uses and the notice disagree."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from privacy_governance.categories import Aspect, load_taxonomy
from privacy_governance.disclosures import declared_uses, differences
from privacy_governance.errors import DeclarationError
from privacy_governance.manifest import Column, Manifest, Source
from privacy_governance.notice import published_chart
from privacy_governance.settings import CHECKOUT

TAXONOMY = load_taxonomy(CHECKOUT / "dbt_project", on=date(2026, 11, 23))
EVERYTHING = {row.category: row for row in published_chart(TAXONOMY).rows}
PAYMENTS = {
    "sources": ["our_customers"],
    "purposes": ["service_delivery", "compliance_and_protection"],
    "parties": ["payment_processors", "service_providers"],
}
AMOUNT = {"pi_kind": "transaction_information", "identifiability": "quasi"}


def table(name, columns, meta=PAYMENTS):
    declared = {column: Column(column, "text", tag) for column, tag in columns.items()}
    return Source("shop", f"raw.{name}", "_shop__sources.yml", meta, declared)


def uses(*tables, catalog):
    return declared_uses(Manifest(tables, (), ()), TAXONOMY, catalog)


def rest_of_the_notice(*, but):
    """A table for each category beside `but`, each doing exactly what the notice discloses."""
    for category, row in EVERYTHING.items():
        if category == but:
            continue
        kinds, *listed = ([entry.member for entry in row.cells[aspect]] for aspect in Aspect)
        meta = dict(zip(("sources", "purposes", "parties"), listed, strict=True))
        yield table(
            category,
            {kind: {"pi_kind": kind, "ccpa_category": category, "identifiability": "quasi"} for kind in kinds},
            meta,
        )


def found(payments, *, existing):
    """Differences of a warehouse where `payments` is the only financial table; `existing`: its columns, if any."""
    others = tuple(rest_of_the_notice(but="financial_information"))
    catalog = {each.relation: dict.fromkeys(each.columns, "text") for each in others}
    if existing is not None:
        catalog[payments.relation] = dict.fromkeys(existing, "text")
    return differences(TAXONOMY, uses(*others, payments, catalog=catalog))


def test_each_source_purpose_and_party_of_a_column_is_a_use():
    rows = uses(table("payments", {"amount": AMOUNT}), catalog={"raw.payments": {"amount": "numeric"}})
    assert {(row.declared.purpose, row.declared.party) for row in rows} == set(
        product(PAYMENTS["purposes"], PAYMENTS["parties"])
    )
    assert all(row.is_present for row in rows)


def test_a_column_of_a_missing_table_is_awaited_and_not_in_use():
    assert {row.is_present for row in uses(table("payments", {"amount": AMOUNT}), catalog={})} == {False}


def test_a_declared_column_that_its_table_lacks_has_no_use():
    payments = table("payments", {"amount": AMOUNT, "tip": AMOUNT})
    rows = uses(payments, catalog={"raw.payments": {"amount": "numeric"}})
    assert {row.declared.column for row in rows} == {"amount"}


def test_a_source_named_twice_is_one_use():
    payments = table("payments", {"amount": AMOUNT}, {**PAYMENTS, "sources": ["our_customers", "our_customers"]})
    assert len(uses(payments, catalog={})) == 4


def test_neither_an_untagged_column_nor_one_of_nobody_has_a_use():
    columns = {"new": {}, "processor": {"ccpa_category": "none", "reason": "Ours to choose."}}
    assert uses(table("payments", columns), catalog={}) == ()


def test_a_warehouse_that_keeps_the_notice_has_no_difference():
    assert found(table("payments", {"amount": AMOUNT}), existing=["amount"]) == ()


def test_a_use_beyond_the_notice_is_a_row_for_each_column_that_names_only_that_column():
    payments = table(
        "payments", {"amount": AMOUNT, "tip": AMOUNT}, {**PAYMENTS, "parties": [*PAYMENTS["parties"], "customers"]}
    )
    rows = found(payments, existing=["amount", "tip"])
    assert [(row.breach, row.relation, row.column, row.aspect, row.member) for row in rows] == [
        ("undisclosed_use", "raw.payments", column, "party", "customers") for column in ("amount", "tip")
    ]
    assert "raw.payments.amount" in rows[0].message
    assert "raw.payments.tip" not in rows[0].message


def test_a_use_beyond_the_notice_in_a_missing_table_is_not_in_use_yet():
    payments = table("payments", {"amount": AMOUNT}, {**PAYMENTS, "sources": ["our_customers", "us"]})
    assert {row.breach for row in found(payments, existing=None)} == {"unbacked_disclosure"}


def test_a_disclosure_that_nobody_declares_is_unbacked_whether_or_not_the_table_is_there():
    payments = table("payments", {"amount": AMOUNT}, {**PAYMENTS, "parties": ["service_providers"]})
    (there,) = found(payments, existing=["amount"])
    assert (there.breach, there.aspect, there.member) == ("unbacked_disclosure", "party", "payment_processors")
    assert (there.relation, there.column, there.awaited) == (None, None, ())
    assert there in found(payments, existing=None)


def test_a_disclosure_that_a_missing_table_would_back_names_the_table_to_load():
    (row,) = found(table("payments", {"amount": AMOUNT}), existing=None)
    assert (row.breach, row.category, row.aspect) == ("unbacked_disclosure", "financial_information", None)
    assert row.awaited == ("raw.payments",)
    assert "raw.payments. Load it." in row.message
    assert "take it out of the notice" not in row.message


def test_a_disclosure_that_a_missing_column_would_back_is_unbacked():
    payments = table("payments", {"amount": AMOUNT})
    (row,) = found(payments, existing=["id"])
    assert (row.category, row.awaited) == ("financial_information", ())


def test_a_sensitive_kind_goes_with_the_use():
    rows = uses(table("payments", {"ssn": {**AMOUNT, "sensitive_kind": "social_security_number"}}), catalog={})
    assert {row.sensitive_kind for row in rows} == {"social_security_number"}


@pytest.mark.parametrize(
    ("tag", "complaint"),
    [
        ({**AMOUNT, "sensitive_kind": "helth"}, 'raw.payments.x in _shop__sources.yml: sensitive_kind "helth"'),
        (
            {"ccpa_category": "none", "reason": "A number.", "sensitive_kind": "health"},
            "raw.payments.x in _shop__sources.yml is tagged none and holds Health",
        ),
        (
            {"pi_kind": "device_data", "identifiability": "quasi", "parties": 7},
            "_shop__sources.yml: raw.payments.x has no parties",
        ),
    ],
)
def test_a_wrong_declaration_names_column_and_file_even_where_the_column_is_missing(tag, complaint):
    with pytest.raises(DeclarationError, match=complaint):
        uses(table("payments", {"x": tag}), catalog={"raw.payments": {"amount": "numeric"}})
