"""The schedule as a notice may print it."""

from __future__ import annotations

from privacy_governance.retention import CategoryPeriod, notice_text


def period(category="identifiers_online", **told):
    return CategoryPeriod(
        **{
            "category": category, "label": category.replace("_", " "), "period": "2 years", "event": "collected",
            "is_generalized": False, "pi_kinds": ["Device data"], "column_names": None, "purposes": ["Marketing"],
            "grounds": ["Notice: as long as necessary"], "relations": ["raw.pages"], "suspended_until": None,
        }
        | told
    )  # fmt: skip


def test_a_category_tells_its_purposes_once_and_each_of_its_periods_with_its_ground():
    text = notice_text(
        [period(), period(period="90 days", column_names=["context_ip"], purposes=["Site operation", "Marketing"])]
    )
    assert text == (
        "identifiers online\n"
        "  Kept for: Marketing; Site operation.\n"
        "  - Device data: 2 years after it is collected. Notice: as long as necessary.\n"
        "  - Device data (only context_ip): 90 days after it is collected. Notice: as long as necessary.\n"
    )


def test_a_period_that_nobody_decided_is_told_as_such():
    assert "Device data: no period is decided yet." in notice_text([period(period=None, event=None, grounds=[None])])


def test_a_value_that_only_becomes_less_precise_is_told_so():
    assert "after the person was last active, then made less precise." in notice_text(
        [period(event="last_active", is_generalized=True)]
    )


def test_categories_stand_apart_in_their_order():
    text = notice_text([period("b_category"), period("a_category")])
    assert text.index("b category") < text.index("\n\na category")
