"""Whatever format a run asks for, the store keeps verdicts and numbers only."""

from __future__ import annotations

import warnings

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # deprecations inside Great Expectations are its own matter
    from privacy_governance.validation.own_expectations.column_types import differences
    from privacy_governance.validation.results_store import without_values

PLANTED = "ada.lovelace@example.org"


def result(kind, *, observed, exception=None):
    return {
        "success": False,
        "expectation_config": {"type": kind, "kwargs": {"column": "email"}},
        "result": observed,
        "exception_info": exception,
    }


@pytest.mark.parametrize("key", ["partial_unexpected_list", "unexpected_list", "observed_value"])
def test_values_of_rows_are_removed(key):
    found = result("expect_column_values_to_be_in_set", observed={key: [PLANTED], "element_count": 3})
    assert PLANTED in str(found)
    assert PLANTED not in str(without_values(found))


def test_a_number_of_rows_is_kept():
    found = result("expect_table_row_count_to_equal", observed={"observed_value": 3})
    assert without_values(found)["result"] == {"observed_value": 3}


@pytest.mark.parametrize("nested", [False, True])
def test_messages_of_exceptions_are_removed_and_that_they_were_raised_is_kept(nested):
    raised = {
        "raised_exception": True,
        "exception_message": f'invalid input syntax for type integer: "{PLANTED}"',
        "exception_traceback": PLANTED,
    }
    exception = {f"('column.max', '{PLANTED}')": raised} if nested else raised
    found = result("expect_column_max_to_be_between", observed={}, exception=exception)
    kept = without_values(found)
    assert PLANTED not in str(kept)
    assert "withheld" in str(kept["exception_info"])
    assert "True" in str(kept["exception_info"])


def test_a_column_differs_that_is_missing_or_of_a_type_not_accepted():
    found = {"id": "TEXT", "paid_at": "TEXT"}
    accepted = {"id": ["TEXT", "VARCHAR"], "paid_at": ["TIMESTAMP WITH TIME ZONE"], "amount": ["NUMERIC"]}
    assert list(differences(found, accepted)) == ["paid_at is TEXT", "amount is missing"]
