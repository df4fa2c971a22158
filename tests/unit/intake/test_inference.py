from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy_governance.intake.inference import Evidence, JsonEvidence, Number


def inferred(*batches):
    evidence = Evidence()
    for batch in batches:
        evidence.observe(batch)
    return evidence.data_type


def inferred_from_json(*values):
    evidence = JsonEvidence()
    evidence.observe(values)
    return evidence.data_type


@pytest.mark.parametrize(
    ("values", "data_type"),
    [
        (["1", "-20", "0", ""], "integer"),
        (["999999999"], "integer"),
        (["4294967296"], "bigint"),
        (["6759521864920116123"], "numeric"),
        (["1.50", "-3", "0.0"], "numeric"),
        (["true", "FALSE", ""], "boolean"),
        (["2024-02-29", "1999-12-31"], "date"),
        (["2016-02-03T07:55:29Z", "2016-02-03 07:55:29.123456+02:00"], "timestamptz"),
        (["2020-05-13 18:53:18.000 +0000"], "timestamptz"),
        (["2016-02-03T07:55", "2016-02-03 07:55:29"], "timestamp"),
        (["", ""], "text"),
    ],
)
def test_a_column_gets_the_narrowest_type_that_holds_every_value(values, data_type):
    assert inferred(values) == data_type


@pytest.mark.parametrize(
    "value",
    [
        *(
            "02134",
            "5.54563E+15",
            "1E+02",
            "+5",
            "1,234",
            ".5",
            "5.",
            "-0",
            "-0.0",
            " 1",
            "1 ",
            "NaN",
            "Infinity",
        ),
        *(
            "2023-02-29",
            "1900-02-29",
            "2023-13-01",
            "0000-01-01",
            "3/8/1971",
            "1958/04/21",
            "2023-1-5",
            "today",
        ),
        *("2023-01-01T24:00:00Z", "2023-01-01T10:00:60Z", "2023-01-01T10:00:00.1234567Z"),
        *("2023-01-01T10:00:00+15:00", "yes", "t", "1\n2", '{"a": 1}', "1" * 1001, "\u0663"),
    ],
)
def test_a_value_that_a_type_would_change_stays_text(value):
    assert inferred([value]) == "text"


@pytest.mark.parametrize(
    "values",
    [["1", "true"], ["2020-01-01", "2020-01-01T10:00:00"], ["2020-01-01T10:00", "2020-01-01T10:00Z"]],
)
def test_mixed_forms_are_text(values):
    assert inferred(values) == "text"


def test_a_late_exception_decides_over_a_thousand_early_values():
    assert inferred(["1"] * 1000, ["1.5"]) == "numeric"
    assert inferred(["1"] * 1000, ["12345678901"]) == "bigint"
    assert inferred(["1"] * 1000, ["x"]) == "text"


def test_an_early_exception_is_not_overruled_by_later_values():
    assert inferred(["1.5"], ["1"] * 1000) == "numeric"
    assert inferred(["12345678901"], ["1"] * 1000) == "bigint"


def test_a_batch_without_values_changes_nothing():
    assert inferred(["1"], [], ["", ""]) == "integer"


@given(st.dates())
def test_every_day_of_the_calendar_is_a_date(day):
    assert inferred([day.isoformat()]) == "date"


@given(st.from_regex(re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9]", re.ASCII), fullmatch=True))
def test_what_is_no_day_of_the_calendar_is_text(value):
    try:
        date.fromisoformat(value)
        expected = "date"
    except ValueError:
        expected = "text"
    assert inferred([value]) == expected


@pytest.mark.parametrize(
    ("values", "data_type"),
    [
        ([Number("1"), None], "integer"),
        ([Number("1.5")], "numeric"),
        ([Number("1e5")], "numeric"),
        ([True, False, None], "boolean"),
        (["1", "2"], "text"),
        (["true"], "text"),
        (["2020-01-01"], "date"),
        (["2020-01-01", ""], "text"),
        (["2020-01-01T10:00:00Z"], "timestamptz"),
        ([{"a": Number("1")}, None], "jsonb"),
        ([[], Number("1")], "jsonb"),
        ([Number("1"), "a"], "text"),
        ([True, Number("1")], "text"),
        ([None], "text"),
    ],
)
def test_in_json_the_senders_kind_decides(values, data_type):
    assert inferred_from_json(*values) == data_type
