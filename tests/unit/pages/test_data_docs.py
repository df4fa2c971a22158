"""Data Docs of our own pages: they need no network, list every run, and say in words what was expected."""

from __future__ import annotations

import warnings
from types import SimpleNamespace

import pytest

from privacy_governance.errors import StepError
from privacy_governance.pages import Check, Standing, SuiteRun, docs_site, index_of_runs, page_of_run

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    from privacy_governance.validation import own_expectations, suites  # noqa: F401 -- registers what suites name
    from privacy_governance.validation.docs import IndexRenderer, RunRenderer

NIGHT = "2026-03-01"


def run(relation="raw.users", *, night=NIGHT, standing=Standing.HELD, suite="raw_intake.users"):
    return SuiteRun(night, suite, relation, standing, f"validations/{relation}.html")


def test_the_index_lists_the_newest_night_first_and_in_it_what_did_not_hold():
    page = index_of_runs([run("raw.a"), run("raw.c", night="2026-03-02"), run("raw.b", standing=Standing.UNMET)])
    assert page.index("2026-03-02") < page.index(NIGHT)
    assert page.index("raw.b") < page.index("raw.a")
    assert "1 of 2 suites did not hold" in page
    assert 'href="validations/raw.c.html"' in page


def test_what_only_warns_is_told_apart_from_what_keeps_a_release_back():
    warned = run("raw.b", standing=Standing.WARNED)
    only_warned = index_of_runs([run("raw.a"), warned])
    assert "did not hold" not in only_warned
    assert "1 suite held" in only_warned
    assert "1 only warns" in only_warned
    page = index_of_runs([run("raw.a"), warned, run("raw.c", standing=Standing.UNMET)])
    assert "1 of 3 suites did not hold" in page
    assert page.index("raw.c") < page.index("raw.b") < page.index("raw.a")
    checks = [Check(None, "The newest row must be new.", (), standing=Standing.WARNED, observed="9 days")]
    alone = page_of_run(warned, checks)
    assert "A warning keeps no release back." in alone
    assert "did not hold" not in alone


def test_an_index_without_runs_says_how_to_make_one():
    assert "govern nightly" in index_of_runs([])


def test_a_page_leads_back_to_the_index_and_tells_what_did_not_hold_first():
    checks = [
        Check("email", "email values must never be null.", (), standing=Standing.HELD, observed=None),
        Check(None, "Must have exactly 0 rows.", (), standing=Standing.UNMET, observed="7"),
    ]
    deep = SuiteRun(NIGHT, "raw_intake.users", "raw.users", standing=Standing.UNMET, href="validations/a/b/c/d/e.html")
    page = page_of_run(deep, checks)
    assert 'href="../../../../../index.html"' in page
    assert page.index("Must have exactly 0 rows.") < page.index("never be null")
    assert "1 of 2 expectations did not hold" in page


def test_names_are_text_and_no_markup():
    named = run('raw."<script>"', suite="raw_intake.<b>")
    for page in (index_of_runs([named]), page_of_run(named, [])):
        assert "<script" not in page
        assert "<b>" not in page


@pytest.mark.parametrize("page", [index_of_runs([run()]), page_of_run(run(), [])], ids=["index", "run"])
def test_a_page_names_no_other_host_and_runs_no_script(page):
    assert "://" not in page
    assert "<script" not in page
    assert "@import" not in page


def validated(kind, kwargs, *, is_met=True, result=None, exception=None, severity="critical"):
    return ExpectationSuiteValidationResult(
        success=is_met,
        suite_name="raw_intake.users",
        results=[
            ExpectationValidationResult(
                success=is_met,
                expectation_config=ExpectationConfiguration(type=kind, kwargs=kwargs, severity=severity),
                result=result or {},
                exception_info=exception or {"raised_exception": False},
            )
        ],
        meta={"run_id": {"run_name": NIGHT}, "active_batch_definition": {"data_asset_name": "raw.users"}},
    )


def test_an_expectation_reads_as_a_sentence_whose_members_are_told_apart():
    result = validated("expect_column_values_to_be_in_set", {"column": "band", "value_set": ["16-24", "55 and over"]})
    page = RunRenderer().render(result)
    assert "belong to this set: 16-24, 55 and over." in page
    assert 'href="../../../../../index.html"' in page


@pytest.mark.parametrize(
    ("kind", "kwargs", "words"),
    [
        ("load_to_be_fresh", {"column": "paid_at", "night": NIGHT, "max_days": 7}, "at most 7 days old."),
        ("load_volume_to_be_usual", {"column": "paid_at", "night": NIGHT, "factor": 4}, "at most 4 times"),
        ("classes_to_hold_at_least_k", {"quasi_identifiers": ["plan", "band"], "k": 5}, "combination of plan, band."),
        (
            "marginals_to_be_near_published",
            {"columns": ["plan"], "published": "r.u", "max_distance": 0.1},
            "of r.u, as",
        ),
        (
            "ledger_chain_to_be_unbroken",
            {"number": "n", "digest": "d", "previous_digest": "p"},
            "the d of the row before.",
        ),
    ],
)
def test_an_expectation_of_our_own_reads_as_a_sentence(kind, kwargs, words):
    assert words in RunRenderer().render(validated(f"expect_table_{kind}", kwargs))


def test_counts_of_rows_stand_beside_an_expectation_that_did_not_hold():
    counts = {"element_count": 12000, "unexpected_count": 7}
    result = validated("expect_column_values_to_not_be_null", {"column": "plan"}, is_met=False, result=counts)
    assert "7 of 12,000 rows" in RunRenderer().render(result)


def test_an_expectation_without_words_of_its_own_is_told_by_its_name_and_arguments():
    result = validated("expect_table_columns_to_have_types", {"column_types": {"id": ["TEXT", "VARCHAR"]}})
    page = RunRenderer().render(result)
    assert "Table columns to have types." in page
    assert "<code>id</code>: TEXT, VARCHAR" in page


def test_an_expectation_that_could_not_be_evaluated_says_so():
    result = validated(
        "expect_table_row_count_to_equal", {"value": 0}, is_met=False, exception={"m": {"raised_exception": True}}
    )
    assert "could not be evaluated" in RunRenderer().render(result)


@pytest.mark.parametrize(
    ("severity", "words"), [("critical", "1 of 1 suite did not hold"), ("warning", "1 only warns")]
)
def test_great_expectations_links_become_rows_of_the_index(severity, words):
    link = {
        "run_name": NIGHT,
        "run_id": NIGHT,
        "batch_identifier": "whole",
        "expectation_suite_name": "ledger.tombstones",
        "asset_name": "governance.tombstones",
        "validation_success": False,
        "filepath": "validations/ledger/x.html",
    }
    result = validated("expect_table_row_count_to_equal", {"value": 0}, is_met=False, severity=severity)
    context = SimpleNamespace(get_validation_result=lambda **_key: result)
    page = IndexRenderer(context).render({"validations_links": [link]})
    assert "governance.tombstones" in page
    assert words in page
    assert ("did not hold" in page) == (severity == "critical")
    assert ("A warning keeps no release back" in RunRenderer().render(result)) == (severity == "warning")


@pytest.mark.parametrize("index", ["", "an index"])
def test_pages_that_could_not_be_made_fail_the_step(tmp_path, index):
    """Great Expectations logs what goes wrong in a page, and goes on without it."""
    site = docs_site(tmp_path)
    site.mkdir(parents=True)
    (site / "index.html").write_text(index)
    night = SimpleNamespace(run_name=NIGHT)
    keys = [SimpleNamespace(run_id=night), SimpleNamespace(run_id=SimpleNamespace(run_name="2026-02-28"))]
    context = SimpleNamespace(
        validation_results_store=SimpleNamespace(list_keys=lambda: keys),
        build_data_docs=lambda resource_identifiers: None,
    )
    with pytest.raises(StepError, match="0 of 1 pages"):
        suites._build_docs(context, night, tmp_path)
