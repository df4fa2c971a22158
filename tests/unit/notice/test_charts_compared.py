"""The warehouse agrees with the notice both ways, or each difference is named with its columns."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from privacy_governance.categories import Aspect, load_taxonomy
from privacy_governance.errors import DeclarationError
from privacy_governance.notice import (
    Breach,
    ChartPair,
    DeclaredUse,
    compare,
    published_chart,
    rows_side_by_side,
    warehouse_chart,
)
from privacy_governance.settings import CHECKOUT

TAXONOMY = load_taxonomy(CHECKOUT / "dbt_project", on=date(2026, 11, 23))
PUBLISHED = published_chart(TAXONOMY)

PAID = DeclaredUse(
    category="financial_information",
    pi_kind="transaction_information",
    source="our_customers",
    purpose="service_delivery",
    party="payment_processors",
    relation="raw.payments",
    column="card_last_four",
)


def honest():
    """Uses of a warehouse that does exactly what the notice discloses."""
    return [
        DeclaredUse(
            category=row.category,
            pi_kind=members[0],
            source=members[1],
            purpose=members[2],
            party=members[3],
            relation=f"raw.{row.category}",
            column=members[0],
        )
        for row in PUBLISHED.rows
        for members in product(*([e.member for e in row.cells[aspect]] for aspect in Aspect))
    ]


def differences(uses):
    return compare(PUBLISHED, warehouse_chart(TAXONOMY, uses))


def only(uses):
    (difference,) = differences(uses)
    return difference


def test_a_warehouse_that_does_what_the_notice_says_has_no_difference():
    assert differences(honest()) == []


def test_its_chart_prints_as_the_notices_in_the_same_order():
    def words(chart):
        return [(r.label, {a: [e.label for e in r.cells[a]] for a in Aspect}) for r in chart.rows]

    assert words(warehouse_chart(TAXONOMY, reversed(honest()))) == words(PUBLISHED)


@pytest.mark.parametrize(
    ("change", "aspect", "member", "label"),
    [
        ({"pi_kind": "device_data"}, Aspect.PI_KIND, "device_data", "Device data"),
        ({"source": "third_party_sources"}, Aspect.SOURCE, "third_party_sources", "Third party sources"),
        ({"purpose": "marketing"}, Aspect.PURPOSE, "marketing", "Marketing"),
        ({"party": "advertising_partners"}, Aspect.PARTY, "advertising_partners", "Advertising partners"),
        ({"party": "customers"}, Aspect.PARTY, "customers", "Customers"),
    ],
)
def test_a_use_the_notice_does_not_disclose_names_the_column(change, aspect, member, label):
    found = only([*honest(), replace(PAID, **change)])
    assert found.breach is Breach.UNDISCLOSED_USE
    assert (found.category, found.aspect, found.member) == ("financial_information", aspect, member)
    assert found.columns == ("raw.payments.card_last_four",)
    assert "raw.payments.card_last_four" in found.message
    assert f'"{label}"' in found.message


def test_the_same_purpose_is_disclosed_in_one_category_and_undisclosed_in_another():
    marketing = [use for use in honest() if use.purpose == "marketing"]
    assert {use.category for use in marketing} >= {"sensory_information", "inferences"}
    assert only([*honest(), replace(PAID, purpose="marketing")]).category == "financial_information"


def test_an_unknown_purpose_is_undisclosed_and_gets_a_suggestion():
    found = only([*honest(), replace(PAID, purpose="service_delivry")])
    assert (found.breach, found.member) == (Breach.UNDISCLOSED_USE, "service_delivry")
    assert "Did you mean service_delivery?" in found.message


def test_a_category_the_notice_does_not_have_is_one_difference_with_all_its_columns():
    unknown = replace(PAID, category="biometric_information")
    found = only([*honest(), unknown, replace(unknown, column="voice_print", purpose="marketing")])
    assert (found.breach, found.category, found.aspect) == (
        Breach.UNDISCLOSED_USE,
        "biometric_information",
        None,
    )
    assert found.columns == ("raw.payments.card_last_four", "raw.payments.voice_print")


@pytest.mark.parametrize("party", [entry.member for entry in PUBLISHED.parties_of_every_category])
def test_a_party_every_category_may_go_to_is_disclosed_in_each(party):
    assert differences([*honest(), replace(PAID, party=party)]) == []


def test_parties_of_every_category_are_the_four_under_the_chart():
    assert len(PUBLISHED.parties_of_every_category) == 4


@pytest.mark.parametrize(
    ("aspect", "member"),
    [
        (Aspect.PI_KIND, "marketing_information"),
        (Aspect.SOURCE, "you"),
        (Aspect.PURPOSE, "marketing"),
    ],
)
def test_a_disclosure_no_column_backs_is_a_difference(aspect, member):
    uses = [
        use
        for use in honest()
        if not (use.category == "commercial_information" and getattr(use, aspect.value) == member)
    ]
    found = only(uses)
    assert (found.breach, found.category) == (Breach.UNBACKED_DISCLOSURE, "commercial_information")
    assert (found.aspect, found.member, found.columns) == (aspect, member, ())


def test_a_category_no_column_is_tagged_with_is_one_difference():
    found = only([use for use in honest() if use.category != "sensory_information"])
    assert (found.breach, found.category, found.aspect, found.member) == (
        Breach.UNBACKED_DISCLOSURE,
        "sensory_information",
        None,
        None,
    )


def test_an_empty_warehouse_backs_none_of_the_eight():
    assert [d.breach for d in differences([])] == [Breach.UNBACKED_DISCLOSURE] * 8


def test_a_column_nobody_receives_backs_everything_but_a_party():
    uses = [replace(u, party=None) if u.category == "sensory_information" else u for u in honest()]
    found = only(uses)
    assert (found.aspect, found.member) == (Aspect.PARTY, "service_providers")


def test_columns_back_an_entry_once_each_and_sorted():
    uses = [replace(PAID, column=c, party=p) for c in ("b", "a") for p in ("payment_processors", None)]
    (row,) = warehouse_chart(TAXONOMY, uses).rows
    assert row.cells[Aspect.PURPOSE][0].columns == ("raw.payments.a", "raw.payments.b")
    assert row.columns == ("raw.payments.a", "raw.payments.b")


def test_a_long_list_of_columns_is_cut_in_the_message_only():
    uses = [replace(PAID, purpose="marketing", column=f"c{n}") for n in range(9)]
    found = only([*honest(), *uses])
    assert len(found.columns) == 9
    assert "raw.payments.c4 and 4 more" in found.message
    assert "raw.payments.c5" not in found.message


@pytest.mark.parametrize("name", ["category", "pi_kind", "source", "purpose"])
def test_a_use_that_declares_too_little_is_refused(name):
    with pytest.raises(DeclarationError, match=r"raw\.payments\.card_last_four has no "):
        warehouse_chart(TAXONOMY, [replace(PAID, **{name: ""})])


def test_both_charts_stand_side_by_side_cell_by_cell():
    pairs = rows_side_by_side(PUBLISHED, warehouse_chart(TAXONOMY, honest()))
    assert len(pairs) == 8 * 4
    assert all(pair.agrees and pair.published == pair.warehouse for pair in pairs)
    assert pairs[11] == ChartPair(
        "Financial Information",
        "Parties to whom we disclose PI for a business purpose",
        "Payment processors; Service providers",
        "Payment processors; Service providers",
        agrees=True,
    )


def test_a_cell_that_differs_says_so_beside_the_other():
    uses = [use for use in honest() if (use.category, use.source) != ("identifiers_online", "you")]
    uses.append(replace(PAID, category="biometric_information", party="affiliates"))
    pairs = rows_side_by_side(PUBLISHED, warehouse_chart(TAXONOMY, uses))
    differing = [(p.category, p.published, p.warehouse) for p in pairs if not p.agrees]
    assert differing == [
        ("Identifiers (online)", "You; Automatic collection", "Automatic collection"),
        ("biometric_information", "", "Transaction information"),
        ("biometric_information", "", "Our Customers"),
        ("biometric_information", "", "Service delivery"),
        ("biometric_information", "", "Affiliates"),
    ]


def test_a_party_of_every_category_agrees_though_its_row_does_not_print_it():
    uses = [*honest(), replace(PAID, party="affiliates")]
    pairs = rows_side_by_side(PUBLISHED, warehouse_chart(TAXONOMY, uses))
    assert pairs[11].warehouse == "Payment processors; Service providers; Affiliates"
    assert all(pair.agrees for pair in pairs)
