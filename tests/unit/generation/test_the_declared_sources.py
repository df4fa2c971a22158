"""What people declare of the demo's raw layer, against what is created and what the notice discloses."""

from __future__ import annotations

import csv
from importlib import resources

import pytest
import sqlglot
import yaml
from sqlglot import exp

from privacy_governance.settings import CHECKOUT

STAGING = CHECKOUT / "dbt_project" / "models" / "staging"
SOURCES = ("segment", "business", "privacy_desk", "demo")
IDENTIFIABILITY = {"direct", "quasi", "pseudonymous", "aggregate", "none"}
IDENTIFIERS = {"user_id", "anonymous_id", "email", "phone", "device_id", "advertising_id"}
PLANTED_COLUMN = ("users", "favorite_team")


def declared_tables():
    for source in SOURCES:
        document = yaml.safe_load((STAGING / source / f"_{source}__sources.yml").read_text())
        yield from document["sources"][0]["tables"]


def declared_columns():
    return [(table["name"], column) for table in declared_tables() for column in table["columns"]]


def personal_columns():
    for table, column in declared_columns():
        meta = column["config"]["meta"]
        if meta["identifiability"] != "none":
            yield f"{table}.{column['name']}", meta


@pytest.fixture(scope="module")
def chart():
    """Notice category to PI kinds, as the notice's chart has them."""
    kinds = {}
    with (CHECKOUT / "dbt_project" / "seeds" / "notice_disclosures.csv").open() as file:
        for row in csv.DictReader(file):
            if row["aspect"] == "pi_kind":
                kinds.setdefault(row["notice_category"], set()).add(row["member"])
    return kinds


def created_columns():
    text = resources.files("privacy_governance.generation").joinpath("sql", "tables.sql").read_text()
    for statement in sqlglot.parse(text, dialect="postgres"):
        for column in statement.find_all(exp.ColumnDef):
            yield statement.find(exp.Table).name, column.name


def test_every_created_column_is_declared_but_the_planted_one():
    declared = {(table, column["name"]) for table, column in declared_columns()}
    assert set(created_columns()) - declared == {PLANTED_COLUMN}


def test_no_column_is_declared_that_is_not_created():
    declared = {(table, column["name"]) for table, column in declared_columns()}
    assert declared - set(created_columns()) == set()


def test_every_column_says_what_it_is_and_how_far_it_identifies():
    for table, column in declared_columns():
        meta = column["config"]["meta"]
        where = f"{table}.{column['name']}"
        assert column["description"].endswith("."), where
        assert meta["identifiability"] in IDENTIFIABILITY, where
        assert meta.get("identifier") in IDENTIFIERS | {None}, where


def test_a_column_that_is_not_personal_says_why():
    for table, column in declared_columns():
        meta = column["config"]["meta"]
        if meta["identifiability"] == "none":
            assert meta["ccpa_category"] == "none", f"{table}.{column['name']}"
            assert len(meta["reason"]) > 15, f"{table}.{column['name']}"


def test_a_kind_that_stands_in_several_rows_of_the_chart_names_its_category(chart):
    for where, meta in personal_columns():
        possible = {category for category, kinds in chart.items() if meta["pi_kind"] in kinds}
        assert possible, f"{where}: the chart has no kind {meta['pi_kind']}"
        if len(possible) > 1:
            assert meta.get("ccpa_category") in possible, where


def test_every_row_of_the_chart_has_a_column(chart):
    met = set()
    for _, meta in personal_columns():
        possible = {category for category, kinds in chart.items() if meta["pi_kind"] in kinds}
        met.add(meta.get("ccpa_category") or possible.pop())
    assert met == set(chart)


def test_every_table_with_personal_columns_names_its_subject_and_its_clock():
    for table in declared_tables():
        meta = table["config"]["meta"]
        names = {column["name"] for column in table["columns"]}
        if meta["subject_key"] is None:
            assert meta["subject_key_reason"], table["name"]
            assert all(column["config"]["meta"]["identifiability"] == "none" for column in table["columns"])
        else:
            assert meta["clock"] in names, table["name"]
            assert meta["subject_key"] in names, table["name"]


def test_free_text_is_declared_as_naming_people():
    free_text = {"support_tickets.subject", "support_tickets.body", "survey_responses.answer"}
    free_text |= {"call_recordings.transcript", "users.description"}
    direct = {where for where, meta in personal_columns() if meta["identifiability"] == "direct"}
    assert free_text <= direct
