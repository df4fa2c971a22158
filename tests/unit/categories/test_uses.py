"""The uses of a column follow from its tag and from what its table, or it alone, declares."""

from __future__ import annotations

from datetime import date

import pytest

from privacy_governance.categories import DeclaredUse, load_taxonomy, uses_of_column
from privacy_governance.errors import DeclarationError
from privacy_governance.settings import CHECKOUT

TAXONOMY = load_taxonomy(CHECKOUT / "dbt_project", on=date(2026, 11, 23))
TABLE = {"sources": ["you"], "purposes": ["service_delivery"], "parties": ["service_providers"]}
EMAIL = {"pi_kind": "contact_information", "ccpa_category": "identifiers_general"}


def uses(column_meta, table_meta=TABLE):
    return uses_of_column(TAXONOMY, "raw.users", "it", table_meta=table_meta, column_meta=column_meta)


def named(column_meta, aspect, table_meta=TABLE):
    return {getattr(use, aspect) for use in uses(column_meta, table_meta)}


def test_a_column_is_used_as_its_table_declares():
    assert uses(EMAIL) == (
        DeclaredUse(
            category="identifiers_general",
            pi_kind="contact_information",
            source="you",
            purpose="service_delivery",
            party="service_providers",
            relation="raw.users",
            column="it",
        ),
    )


def test_a_column_about_no_person_has_no_use():
    assert uses({"ccpa_category": "none", "reason": "A count."}) == ()


def test_each_kind_is_used_in_its_own_categories_only():
    both = {"pi_kind": ["contact_information", "device_data"], "ccpa_category": "identifiers_general"}
    assert {(use.pi_kind, use.category) for use in uses(both)} == {
        ("contact_information", "identifiers_general"),
        ("device_data", "identifiers_online"),
    }


def test_a_column_may_declare_its_own_source():
    assert named({**EMAIL, "sources": ["third_party_sources"]}, "source") == {"third_party_sources"}


def test_a_table_may_declare_a_list_for_each_category():
    table = {
        **TABLE,
        "sources": {"identifiers_general": ["you"], "identifiers_online": ["automatic_collection", "you"]},
    }
    assert named(EMAIL, "source", table) == {"you"}
    assert named({"pi_kind": "device_data"}, "source", table) == {"automatic_collection", "you"}


def test_nobody_receives_what_a_table_declares_no_parties_for():
    assert named(EMAIL, "party", {**TABLE, "parties": []}) == {None}


def test_one_name_counts_as_a_list_of_one():
    assert named(EMAIL, "purpose", {**TABLE, "purposes": "marketing"}) == {"marketing"}


@pytest.mark.parametrize("key", ["sources", "purposes", "parties"])
@pytest.mark.parametrize("declared", [None, 5, {}, {"inferences": ["us"]}])
def test_what_a_table_does_not_declare_for_a_category_is_refused(key, declared):
    with pytest.raises(DeclarationError, match=rf"^raw\.users\.it has no {key} for identifiers_general\."):
        uses(EMAIL, {**TABLE, key: declared})


@pytest.mark.parametrize("key", ["sources", "purposes"])
def test_an_empty_list_is_refused_but_for_parties(key):
    with pytest.raises(DeclarationError, match=f"has no {key} for"):
        uses(EMAIL, {**TABLE, key: []})


def test_a_wrong_tag_has_no_uses():
    with pytest.raises(DeclarationError, match=r"^raw\.users\.it: pi_kind"):
        uses({"pi_kind": "contact"})
