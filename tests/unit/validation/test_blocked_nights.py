"""A refusal can be read from a task's log: what, how often, where, the fix, and where the rest is."""

from __future__ import annotations

import pytest

from privacy_governance.errors import PublishingBlockedError
from privacy_governance.validation import Expected, Validation, ViolationCount, require_met

UNTAGGED = ViolationCount(
    rule="violation_undeclared_column",
    offenders=5,
    findings=("raw.orders.email has no ccpa_category. Tag it in _shop__sources.yml.",),
    listed=5,
)


def unmet(relation, *, observed=None):
    return Expected(
        "raw_intake", "expect_table_row_count_to_be_between", relation, None, is_met=False, observed=observed
    )


def outcome(*, violations=(), unmet=()):
    return Validation(night="2026-11-22", violations=violations, unmet=unmet, expectations=10)


def refusal(found):
    with pytest.raises(PublishingBlockedError) as refused:
        require_met(found)
    return str(refused.value)


def test_a_night_that_meets_everything_passes():
    require_met(outcome())
    assert outcome().summary == "no violations, 10 of 10 expectations met"


def test_a_violation_is_named_with_its_finding_and_where_the_rest_is():
    message = refusal(outcome(violations=(UNTAGGED,)))
    assert "violation_undeclared_column: 5 offenders" in message
    assert "raw.orders.email has no ccpa_category. Tag it in _shop__sources.yml." in message
    assert "and 4 more in audit.violation_undeclared_column" in message
    assert "govern report" in message


def test_an_unmet_expectation_blocks_without_any_violation():
    message = refusal(outcome(unmet=(unmet("raw.users", observed="0"),)))
    assert "raw_intake: raw.users does not meet expect_table_row_count_to_be_between (observed: 0)" in message


def test_a_rule_is_not_told_twice():
    held_at_zero = Expected(
        "deletion_audit", "expect_table_row_count_to_equal", UNTAGGED.relation, None, is_met=False, observed="5"
    )
    message = refusal(outcome(violations=(UNTAGGED,), unmet=(held_at_zero,)))
    assert "expect_table_row_count_to_equal" not in message


def test_many_unmet_expectations_are_counted_not_listed():
    message = refusal(outcome(unmet=tuple(unmet(f"raw.t{n}") for n in range(40))))
    assert "and 37 further expectations unmet" in message
    assert len(message.splitlines()) < 10
