"""The taxonomy of this project's own seeds: kinds, categories, letters, and the days on which they hold."""

from __future__ import annotations

from datetime import date

import pytest

from privacy_governance.categories import Aspect, load_taxonomy
from privacy_governance.errors import DeclarationError
from privacy_governance.settings import CHECKOUT


def taxonomy(on=date(2026, 11, 23)):
    return load_taxonomy(CHECKOUT / "dbt_project", on=on)


def test_the_text_of_2018_has_eleven_letters_and_that_of_2023_twelve():
    def letters(on):
        return sorted(c.letter for c in taxonomy().statute_categories if c.is_in_force(on))

    assert letters(date(2020, 1, 1)) == list("ABCDEFGHIJK")
    assert letters(date(2022, 12, 31)) == list("ABCDEFGHIJK")
    assert letters(date(2023, 1, 1)) == list("ABCDEFGHIJKL")
    assert letters(date(2019, 12, 31)) == []


@pytest.mark.parametrize(
    ("category", "letter"),
    [
        ("identifiers_general", "A"),
        ("commercial_information", "D"),
        ("financial_information", "B"),
        ("identifiers_online", "A"),
        ("internet_or_network_information", "F"),
        ("professional_or_employment_information", "I"),
        ("sensory_information", "H"),
        ("inferences", "K"),
    ],
)
def test_each_category_of_the_notice_stands_for_its_letter_under_both_texts(category, letter):
    assert taxonomy().letters(category) == {letter}
    assert taxonomy().letters(category, on=date(2021, 6, 1)) == {letter}
    sections = {c.statute_section for c in taxonomy().category_letters[category]}
    assert sections == {f"1798.140(o)(1)({letter})", f"1798.140(v)(1)({letter})"}


def test_a_category_has_no_letter_before_the_statute():
    assert taxonomy().letters("inferences", on=date(2019, 12, 31)) == frozenset()


@pytest.mark.parametrize(
    ("kind", "categories"),
    [
        ("contact_information", {"identifiers_general", "professional_or_employment_information"}),
        ("profile_information", {"identifiers_general", "professional_or_employment_information"}),
        ("communications", {"commercial_information", "sensory_information"}),
        ("marketing_information", {"commercial_information"}),
        ("transaction_information", {"financial_information"}),
        ("device_data", {"identifiers_online"}),
        ("usage_data", {"internet_or_network_information"}),
        ("user_preferences", {"inferences"}),
        ("other_information", set()),
    ],
)
def test_a_kind_belongs_to_the_rows_of_the_chart_that_list_it(kind, categories):
    assert taxonomy().categories_of(kind) == categories


def test_every_kind_of_the_notice_is_in_the_tables_above():
    assert [kind.name for kind in taxonomy().kinds] == [
        "contact_information",
        "profile_information",
        "communications",
        "transaction_information",
        "marketing_information",
        "other_information",
        "device_data",
        "usage_data",
        "user_preferences",
    ]


def test_a_kind_of_one_category_brings_it_along():
    assert taxonomy().resolve("device_data") == {"identifiers_online"}


def test_a_kind_of_several_categories_takes_the_one_named():
    assert taxonomy().resolve("contact_information", "identifiers_general") == {"identifiers_general"}


def test_several_kinds_unite_their_categories():
    found = taxonomy().resolve(["contact_information", "usage_data"], ["identifiers_general"])
    assert found == {"identifiers_general", "internet_or_network_information"}


def test_a_kind_may_be_in_both_of_its_categories():
    both = ["commercial_information", "sensory_information"]
    assert taxonomy().resolve("communications", both) == set(both)


def test_a_kind_the_chart_leaves_out_takes_the_category_named():
    assert taxonomy().resolve("other_information", "commercial_information") == {"commercial_information"}


@pytest.mark.parametrize(
    ("kinds", "categories", "said"),
    [
        ("contact_info", None, 'pi_kind "contact_info" is unknown'),
        ("contact_info", None, "Did you mean contact_information?"),
        ("Contact Information", "identifiers_general", "Did you mean contact_information?"),
        ("zzz", None, "Use one of contact_information, profile_information"),
        ("device_data", "identifier_online", "Did you mean identifiers_online"),
        ("communications", None, "ccpa_category: commercial_information or sensory_information."),
        (
            ["device_data", "communications"],
            "identifiers_online",
            '"communications" belongs to several',
        ),
        ("device_data", "inferences", 'ccpa_category "inferences" does not hold device_data'),
        ("other_information", None, "Name the category nearest to it"),
        ([], None, "names no pi_kind"),
        (None, "inferences", "names no pi_kind"),
        (5, None, 'pi_kind "5" is unknown'),
        (["device_data", 5], None, 'pi_kind "5" is unknown'),
        ("", None, 'pi_kind "" is unknown'),
    ],
)
def test_a_tag_that_cannot_be_resolved_says_where_and_what_to_write(kinds, categories, said):
    with pytest.raises(DeclarationError) as caught:
        taxonomy().resolve(kinds, categories, where="raw.users.email")
    assert str(caught.value).startswith("raw.users.email")
    assert said in str(caught.value)


def test_the_kinds_the_notice_asks_not_to_be_shared_are_those_of_its_sentence():
    declined = {kind.name for kind in taxonomy().sensitive_kinds if kind.is_not_asked_for}
    assert declined == {
        "social_security_number",
        "racial_or_ethnic_origin",
        "political_opinions",
        "religious_or_philosophical_beliefs",
        "health",
        "biometric_identification",
        "genetic_data",
        "criminal_background",
        "union_membership",
    }
    assert declined == {k.name for k in taxonomy(on=date(2020, 1, 1)).sensitive_kinds if k.is_not_asked_for}


def test_sensitive_kinds_join_the_statute_on_the_day_it_names_them():
    def cited(on):
        return {kind.name for kind in taxonomy(on).sensitive_kinds if kind.statute_section}

    assert cited(date(2022, 12, 31)) == set()
    assert cited(date(2024, 1, 1)) - cited(date(2023, 12, 31)) == {"citizenship_or_immigration_status"}
    assert cited(date(2025, 1, 1)) - cited(date(2024, 12, 31)) == {"neural_data"}
    assert taxonomy().sensitive_kind("neural_data").statute_section == "1798.140(ae)(1)(G)"
    assert taxonomy().sensitive_kind("neural_data").letter == "L"


def test_an_unknown_sensitive_kind_is_refused():
    with pytest.raises(DeclarationError, match=r"raw.x.ssn: .* Did you mean social_security_number"):
        taxonomy().sensitive_kind("social_security_numer", where="raw.x.ssn")


def test_each_purpose_has_the_legal_bases_of_the_notice():
    bases = {p.name: (p.legal_basis, p.other_legal_basis) for p in taxonomy().purposes}
    assert bases == {
        "service_delivery": ("contract", "legitimate_interests"),
        "site_operation": ("contract", "legitimate_interests"),
        "research_and_development": ("legitimate_interests", None),
        "marketing": ("consent", "legitimate_interests"),
        "compliance_and_protection": ("legal_obligation", "legitimate_interests"),
        "other_purposes_with_consent": ("consent", None),
    }


def test_terms_come_by_aspect_in_the_notices_order():
    assert list(taxonomy().terms(Aspect.SOURCE)) == [
        "you",
        "third_party_sources",
        "automatic_collection",
        "our_customers",
        "us",
    ]


def test_a_day_before_the_notice_has_no_taxonomy():
    with pytest.raises(DeclarationError, match=r"no row in force on 2019-12-31"):
        taxonomy(date(2019, 12, 31))
