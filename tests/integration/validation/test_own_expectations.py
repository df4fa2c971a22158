"""Expectations of this project's own, on real tables: what they find, what they let pass, and what they don't tell."""

from __future__ import annotations

import warnings
from copy import copy

import pytest

from lib.databases import fresh_database
from privacy_governance.validation.counting import COUNTS, count_unmet
from privacy_governance.validation.suites import URL_VARIABLE, sqlalchemy_url

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # deprecations inside Great Expectations are its own matter
    import great_expectations as gx
    from great_expectations import expectations as gxe

    from privacy_governance.validation.own_expectations import (
        ExpectTableClassesToHoldAtLeastK,
        ExpectTableLedgerChainToBeUnbroken,
        ExpectTableLoadToBeFresh,
        ExpectTableLoadVolumeToBeUsual,
        ExpectTableMarginalsToBeNearPublished,
    )

NIGHT = "2026-03-01"
PLANTED = "ada.lovelace@example.org"
FRESH = ExpectTableLoadToBeFresh(column="loaded_at", night=NIGHT, max_days=7)
USUAL = ExpectTableLoadVolumeToBeUsual(column="loaded_at", night=NIGHT, factor=4)
CLASSES = ExpectTableClassesToHoldAtLeastK(quasi_identifiers=["plan", "country"], subject="token", k=5)
NEAR = ExpectTableMarginalsToBeNearPublished(
    columns=["plan", "country"], published="public.published", max_distance=0.1
)
CHAIN = ExpectTableLedgerChainToBeUnbroken(number="number", digest="digest", previous_digest="previous")
# a hundred rows a day in the four weeks before the night's load
MONTH = """
insert into tested
select timestamptz '2026-02-27 12:00Z' - n / 100 * interval '1 day' from generate_series(0, 2799) as n
"""


@pytest.fixture(scope="module")
def tables(server_url):
    """A database, and a data source on it."""
    with (
        fresh_database(server_url) as warehouse,
        warnings.catch_warnings(),
        pytest.MonkeyPatch.context() as environment,
    ):
        warnings.simplefilter("ignore")
        environment.setenv(URL_VARIABLE, sqlalchemy_url(warehouse.url))
        context = gx.get_context(mode="ephemeral")
        source = context.data_sources.add_postgres(
            "warehouse", connection_string=f"${{{URL_VARIABLE}}}", create_temp_table=False
        )
        yield warehouse, context, source


@pytest.fixture
def judge(tables):
    """Make `tested` of some statements and hold it to an expectation, as a night does; return the result."""
    warehouse, context, source = tables

    def judged(expectation, *statements):
        with warehouse.connect("arrange the test") as connection:
            connection.execute("drop table if exists tested, published")
            for statement in statements:
                connection.execute(statement)
        asset = source.add_table_asset("tested", table_name="tested", schema_name="public")
        suite = context.suites.add(gx.ExpectationSuite(name="tested", expectations=[copy(expectation)]))
        definition = context.validation_definitions.add(
            gx.ValidationDefinition(name="tested", data=asset.add_batch_definition("whole"), suite=suite)
        )
        try:
            done = definition.run(result_format="BOOLEAN_ONLY")
            count_unmet(definition, done.results)
        finally:
            context.validation_definitions.delete("tested")
            context.suites.delete("tested")
            source.delete_asset("tested")
        (result,) = done.results
        return result

    return judged


def of(column, *values):
    return [f"create table tested ({column} timestamptz)"] + [
        f"insert into tested values ('{each}')" for each in values
    ]


@pytest.mark.parametrize(
    ("newest", "is_met"), [("2026-02-28 23:00Z", True), ("2026-02-22", True), ("2026-02-21", False)]
)
def test_a_load_is_fresh_for_as_many_days_as_are_allowed(judge, newest, is_met):
    result = judge(FRESH, *of("loaded_at", "2025-01-01", newest))
    assert result.success == is_met, result


def test_a_clock_that_runs_ahead_is_no_load(judge):
    result = judge(FRESH, *of("loaded_at", "2026-01-01", "2099-01-01"))
    assert not result.success
    assert result.result == {"observed_value": "newest load 59 days before the night"}


def test_a_table_that_never_got_a_row_is_not_fresh(judge):
    assert judge(FRESH, *of("loaded_at")).result == {"observed_value": "nothing was ever loaded"}


@pytest.mark.parametrize(
    ("rows", "is_met"),
    [(0, False), (20, True), (100, True), (400, True), (500, False)],
    ids=["none", "a fifth, which chance may do", "as ever", "four times", "five times"],
)
def test_a_load_is_of_usual_volume_or_not(judge, rows, is_met):
    tonight = f"insert into tested select timestamptz '2026-02-28 06:00Z' from generate_series(1, {rows})"
    result = judge(USUAL, *of("loaded_at"), MONTH, tonight)
    assert result.success == is_met, result
    assert is_met or f"{rows:,} rows; a day of the 28 before had 100.0" in str(result.result)


def test_a_table_without_a_usual_volume_is_not_judged_by_it(judge):
    assert judge(USUAL, *of("loaded_at", "2020-01-01")).success


def released(*classes, table="tested"):
    """Statements that make a table of (plan, country, subjects, rows a subject)."""
    yield f"create table {table} (token text, plan text, country text)"
    for plan, country, subjects, each in classes:
        code = f"'{country}'" if country else "null"
        yield (
            f"insert into {table} select '{plan}' || n || coalesce({code}, ''), '{plan}', {code}"
            f" from generate_series(1, {subjects}) as n, generate_series(1, {each})"
        )


def test_classes_of_k_subjects_pass(judge):
    assert judge(CLASSES, *released(("free", "US", 5, 1), ("team", None, 6, 1))).success


def test_a_class_of_many_rows_and_few_subjects_fails_and_is_counted_not_named(judge):
    result = judge(CLASSES, *released(("free", "US", 5, 1), (PLANTED, "IS", 4, 3)))
    assert not result.success
    assert result.result == {"observed_value": "1 of 2 classes too small; the smallest has 4"}


def test_rows_without_a_value_are_a_class_of_their_own(judge):
    assert not judge(CLASSES, *released(("free", "US", 5, 1), ("free", None, 1, 1))).success


THOUSANDS = (("free", "US", 6000, 1), ("team", None, 4000, 1))


def test_marginals_near_the_published_ones_pass(judge):
    now = released(("free", "US", 6300, 1), ("team", None, 3700, 1))
    assert judge(NEAR, *now, *released(*THOUSANDS, table="published")).success


def test_marginals_that_moved_fail_by_column_and_name_no_value(judge):
    now = released((PLANTED, "US", 6000, 1), ("team", None, 4000, 1))
    result = judge(NEAR, *now, *released(*THOUSANDS, table="published"))
    assert not result.success
    assert result.result == {"observed_value": "country by 0.000, plan by 0.600"}


def test_values_that_became_null_have_moved(judge):
    now = released(("free", None, 6000, 1), ("team", None, 4000, 1))
    assert "country by 0.600" in str(judge(NEAR, *now, *released(*THOUSANDS, table="published")).result)


def test_chance_is_granted_where_few_rows_are_compared(judge):
    now = released(("free", "US", 7, 1), ("team", "US", 3, 1))
    assert judge(NEAR, *now, *released(("free", "US", 5, 1), ("team", "US", 5, 1), table="published")).success


@pytest.mark.parametrize("published", [[], list(released(table="published"))], ids=["no table", "an empty one"])
def test_a_first_release_has_nothing_to_be_near_to(judge, published):
    assert judge(NEAR, *released(*THOUSANDS), *published).success


LINKS = (
    "create table tested (number bigint, digest text, previous text)",
    "insert into tested select n, n::text, case n when 1 then repeat('0', 64) else (n - 1)::text end"
    " from generate_series(1, 9) as n",
)


@pytest.mark.parametrize(
    ("edit", "broken"),
    [
        ("select 1", 0),
        ("delete from tested where number = 9", 0),
        ("delete from tested where number = 4", 1),
        ("delete from tested where number = 1", 1),
        ("update tested set digest = 'x' where number = 4", 1),
        ("update tested set number = 11 - number where number in (5, 6)", 3),
        ("delete from tested", 0),
    ],
    ids=["whole", "cut off at the end", "a gap", "without its beginning", "edited", "reordered", "empty"],
)
def test_a_chain_is_broken_where_a_row_does_not_follow(judge, edit, broken):
    result = judge(CHAIN, *LINKS, edit)
    assert result.success == (broken == 0)
    assert broken == 0 or f"{broken} of " in result.result["observed_value"]


@pytest.mark.parametrize(
    "expectation",
    [
        gxe.ExpectColumnValuesToNotBeNull(column="country"),
        gxe.ExpectColumnValuesToBeInSet(column="plan", value_set=["free"]),
        gxe.ExpectColumnValuesToMatchRegex(column="plan", regex="^[a-z]{4}$"),
        gxe.ExpectColumnValueLengthsToBeBetween(column="plan", max_value=9),
    ],
    ids=lambda expectation: expectation.expectation_type,
)
def test_what_failed_is_counted_and_no_value_of_it_fetched(judge, expectation):
    result = judge(expectation, *released(("free", "US", 5, 1), (PLANTED, None, 2, 1)))
    assert not result.success
    assert result.result == dict(zip(COUNTS, (7, 2), strict=True))
    assert PLANTED not in str(result)


def test_what_holds_is_not_counted(judge):
    assert judge(gxe.ExpectColumnValuesToNotBeNull(column="plan"), *released(("free", "US", 5, 1))).result == {}
