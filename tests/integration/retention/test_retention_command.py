"""`govern retention` on a warehouse whose schedule a night has built."""

from __future__ import annotations

import json

import pytest


@pytest.fixture(scope="module")
def told(retained):
    """What the commands print."""
    day = ("--as-of", "2026-03-01")
    return {
        "schedule": retained.checkout.govern("retention", "schedule", "--format", "json", *day),
        "before": retained.checkout.govern("retention", "schedule", "--as-of", "2020-01-01"),
        "explain": retained.checkout.govern("retention", "explain", "raw.pages.context_ip", *day),
        "sweep": retained.checkout.govern("retention", "sweep", "raw.pages"),
    }


def test_the_schedule_tells_each_category_its_periods(told):
    schedule = json.loads(told["schedule"].stdout)
    assert schedule["as_of"] == "2026-03-01"
    online = [each for each in schedule["categories"] if each["category"] == "identifiers_online"]
    assert [(each["period"], each["column_names"]) for each in online if each["event"] == "collected"] == [
        ("2 years", None),
        ("90 days", ["context_ip"]),
    ]
    assert {each["category"] for each in schedule["categories"]} >= {"inferences", "sensory_information"}
    assert all(each["period"] for each in schedule["categories"])


def test_a_schedule_of_before_the_first_tags_says_whose_uses_it_tells(told):
    assert "the rules of 2020-01-01, for the columns and uses of 2026-03-01." in told["before"].stdout
    assert "known from" not in told["explain"].stdout


def test_a_column_is_explained_by_the_rule_of_each_use(told):
    lines = told["explain"].stdout.splitlines()
    assert told["explain"].returncode == 0
    assert [line for line in lines if "→" in line and "compliance" in line], lines
    assert "Kept 90 days from collected" in told["explain"].stdout


def test_a_sweep_says_how_much_the_next_night_looks_at(told):
    assert told["sweep"].returncode == 0
    assert "0 column(s)" in told["sweep"].stdout
