"""The suites in git stay true to what the dbt project declares, and say how to mend them where they do not."""

from __future__ import annotations

import json
import shutil

import pytest

from privacy_governance.settings import CHECKOUT
from privacy_governance.validation import drafting

EXPECTATIONS = CHECKOUT / "expectations"
DBT_PROJECT = CHECKOUT / "dbt_project"
REMEDY = f"Run {drafting.COMMAND}, read what it drafted, and commit it."
TABLES = drafting.tables(DBT_PROJECT)


def of(reader):
    """Tables of one reader, as test parameters with their names."""
    return [pytest.param(table, id=table.name) for table in TABLES if table.reader == reader]


def kwargs_of(table, kind):
    """Arguments of the suite's one expectation of that kind."""
    file = EXPECTATIONS / drafting.suite_file(table)
    assert file.is_file(), f"{table.relation} has no suite. {REMEDY}"
    found = [each["kwargs"] for each in json.loads(file.read_text())["expectations"] if each["type"] == kind]
    assert len(found) == 1, f"{file.name} has {len(found)} expectations {kind}, not one. {REMEDY}"
    return found[0]


@pytest.fixture
def project(tmp_path):
    """A copy of the file context and of what it follows."""
    for folder in (EXPECTATIONS, DBT_PROJECT):
        shutil.copytree(folder, tmp_path / folder.name, ignore=shutil.ignore_patterns("uncommitted", "target", "logs"))
    return tmp_path


def test_every_reader_has_tables():
    assert {table.reader for table in TABLES} == set(drafting.RESULT_FORMATS)


@pytest.mark.parametrize("table", of("deletion_audit") + of("retention_audit"))
def test_every_violation_model_is_held_at_zero(table):
    assert kwargs_of(table, "expect_table_row_count_to_equal") == {"value": 0}


@pytest.mark.parametrize("table", of("raw_intake"))
def test_every_source_table_is_expected_with_its_declared_columns(table):
    expected = kwargs_of(table, "expect_table_columns_to_have_types")["column_types"]
    accepted = {name: drafting.TYPES[kind] for name, kind in table.columns.items()}
    assert expected == accepted, f"{table.suite} differs from its sources YAML. Delete its suite file; {REMEDY}"


@pytest.mark.parametrize("table", [each for each in of("raw_intake") if each.values[0].loaded_at])
def test_a_load_is_judged_by_the_days_before_unless_later_loads_rewrite_their_rows(table):
    suite = json.loads((EXPECTATIONS / drafting.suite_file(table)).read_text())["expectations"]
    judged = [each["type"] for each in suite if each["type"] == "expect_table_load_volume_to_be_usual"]
    assert bool(judged) != table.is_rewritten, f"{table.suite} differs from its sources YAML. {REMEDY}"
    assert table.is_rewritten == (table.name in {"users", "accounts"})


@pytest.mark.parametrize("table", of("research_release"))
def test_every_research_model_is_expected_with_the_columns_of_its_contract(table):
    expected = kwargs_of(table, "expect_table_columns_to_match_set")
    assert expected["exact_match"] is True
    assert expected["column_set"] == list(table.columns), f"{table.suite} differs from its contract: correct it."


@pytest.mark.parametrize(
    "table", [each for each in of("research_release") if "subject_token" in each.values[0].columns]
)
def test_every_research_model_of_subjects_holds_tokens_only(table):
    suite = json.loads((EXPECTATIONS / drafting.suite_file(table)).read_text())["expectations"]
    tokens = [each["type"] for each in suite if each["kwargs"].get("column") == "subject_token"]
    assert {"expect_column_values_to_not_be_null", "expect_column_values_to_match_regex"} <= set(tokens)


def test_what_follows_from_the_project_is_up_to_date():
    configuration = (EXPECTATIONS / "great_expectations.yml").read_text()
    assert drafting.with_datasources(configuration, TABLES) == configuration, REMEDY
    files = drafting.derived_files(TABLES)
    stale = [
        name
        for name, content in files.items()
        if not (EXPECTATIONS / name).is_file() or (EXPECTATIONS / name).read_text() != content
    ]
    assert not stale, f"{stale} do not follow the project. {REMEDY}"


def test_no_suite_outlives_its_relation(project):
    changed = drafting.draft(project / "expectations", project / "dbt_project")
    assert not changed, f"{changed} are not as drafting leaves them. {REMEDY}"


def test_row_level_expectations_stand_in_verdict_only_checkpoints():
    loose = {
        table.suite
        for table in TABLES
        if drafting.RESULT_FORMATS[table.reader] != "BOOLEAN_ONLY"
        for each in json.loads((EXPECTATIONS / drafting.suite_file(table)).read_text())["expectations"]
        if not each["type"].startswith("expect_table_")
    }
    assert not loose, f"{loose} would return values of rows. Move the expectations, or make the reader BOOLEAN_ONLY."


def test_a_new_violation_model_gets_its_suite(project):
    (project / "dbt_project/models/marts/audit/violation_moon_too_full.sql").write_text("select 1")
    changed = drafting.draft(project / "expectations", project / "dbt_project")
    assert set(changed) == {
        "checkpoints/deletion_audit.json",
        "great_expectations.yml",
        "suites/deletion_audit/violation_moon_too_full.json",
        "validation_definitions/deletion_audit.violation_moon_too_full.json",
    }


def test_drafting_leaves_what_people_wrote(project):
    suite = project / "expectations/suites/research_release/research_users.json"
    written = suite.read_text().replace('"max_value": 40', '"max_value": 41')
    assert written != suite.read_text()
    suite.write_text(written)
    assert drafting.draft(project / "expectations", project / "dbt_project") == ()
    assert suite.read_text() == written


def test_a_suite_goes_with_its_relation(project):
    rule = next((project / "dbt_project/models/marts/audit").glob("violation_*.sql"))
    rule.unlink()
    drafting.draft(project / "expectations", project / "dbt_project")
    assert not list((project / "expectations").rglob(f"*{rule.stem}.json"))
    assert rule.stem not in (project / "expectations/great_expectations.yml").read_text()
