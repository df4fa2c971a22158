"""Every seed of the taxonomy is declared to dbt as it is: each column typed, described and in order."""

from __future__ import annotations

import csv

import pytest
import yaml

from privacy_governance.categories.loading import SHAPES
from privacy_governance.settings import CHECKOUT

SEEDS = CHECKOUT / "dbt_project" / "seeds"
DECLARED = {s["name"]: s for s in yaml.safe_load((SEEDS / "_categories__seeds.yml").read_text())["seeds"]}


def test_the_declared_seeds_are_those_that_are_read():
    assert DECLARED.keys() == {shape.name for shape in SHAPES}


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_each_column_of_a_seed_is_typed_and_described(name):
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    seed = DECLARED[name]
    assert [column["name"] for column in seed["columns"]] == header
    assert list(seed["config"]["column_types"]) == header
    assert all(column["description"] for column in seed["columns"])
    assert seed["description"]


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_a_seed_says_why_it_is_about_no_person(name):
    meta = DECLARED[name]["config"]["meta"]
    assert (meta["ccpa_category"], meta["identifiability"]) == ("none", "none")
    assert meta["reason"]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_dbt_and_the_taxonomy_accept_the_same_words(shape):
    declared = {
        column["name"]: frozenset(test["accepted_values"]["arguments"]["values"])
        for column in DECLARED[shape.name]["columns"]
        for test in column.get("data_tests", [])
        if isinstance(test, dict) and "accepted_values" in test
    }
    assert declared.keys() >= shape.accepted.keys()
    assert all(declared[column] <= words for column, words in shape.accepted.items())
