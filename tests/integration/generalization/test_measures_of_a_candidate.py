"""The measures of a night's candidate, held to what pandas and scipy compute from the rows themselves."""

from __future__ import annotations

from itertools import combinations
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency

from privacy_governance.errors import DeclarationError
from privacy_governance.generalization.candidate import measure_candidate
from privacy_governance.manifest import Manifest, Model
from privacy_governance.warehouse.bootstrap import bootstrap

NIGHT = "2026-03-01"
QUASI = ["country", "age_band"]
PEOPLE = 300


@pytest.fixture
def night(warehouse):
    """A warehouse with what could be released, and the classes of five or more of it as candidate."""
    bootstrap(warehouse, fingerprints={})
    with warehouse.connect("make people") as connection:
        connection.execute(
            f"""
            create schema if not exists research_candidate;
            create schema if not exists intermediate;
            create table intermediate.people as
            select
                country, case when age < 40 then 'young' else 'old' end as age_band,
                country as exact_country, age as exact_age_band
            from (
                select (array['NO', 'NO', 'FR', 'FR', null])[1 + n % 5] as country, 20 + n * n % 57 as age
                from generate_series(1, {PEOPLE}) as n
                union all
                values ('LI', 21), ('LI', 22), ('LI', 76)
            ) as person;
            create table research_candidate.people as
            select country, age_band from (
                select *, count(*) over (partition by country, age_band) as size from intermediate.people
            ) as sized where size >= 5
            """
        )
    return warehouse


def measured(warehouse, *, against="int_people__measured", **meta):
    meta = {"quasi_identifiers": QUASI} | meta
    models = (
        Model(against, "intermediate.people", "", "", "view", ("intermediate",), {}, {}, ""),
        Model(
            "research_people",
            "research_candidate.people",
            "",
            "",
            "table",
            ("marts", "research"),
            {"meta": meta},
            {},
            "",
        ),
    )
    with warehouse.connect("measure") as connection:
        measure_candidate(connection, Manifest((), (), models), night=NIGHT)
    with warehouse.connect("read") as connection:
        rows = connection.execute("select relation, measure, value from governance.release_measures").fetchall()
    assert {relation for relation, _, _ in rows} == {"research_candidate.people"}
    return {measure: value for _, measure, value in rows}


def frames(warehouse):
    with warehouse.connect("read") as connection:
        source = connection.execute("select * from intermediate.people").fetchall()
        released = connection.execute("select country, age_band from research_candidate.people").fetchall()
    names = [*QUASI, *(f"exact_{column}" for column in QUASI)]
    return pd.DataFrame(source, columns=names).fillna("-"), pd.DataFrame(released, columns=QUASI).fillna("-")


def spread(source, released, column):
    """Weight of each exact value in each released row: a label stands for all of its exact values alike."""
    weights = pd.crosstab(source[column], source[f"exact_{column}"]) > 0
    return weights.div(weights.sum(axis=1), axis=0).loc[released[column]].to_numpy()


def cramers_v(table):
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    return sqrt(chi2_contingency(table, correction=False).statistic / table.sum() / (min(table.shape) - 1))


def test_risks_are_those_that_pandas_counts(night):
    found = measured(night)
    source, released = frames(night)
    classes = released.groupby(QUASI).size()
    in_source = source.groupby(QUASI).size()
    assert (found["source_rows"], found["published_rows"]) == (len(source), len(released))
    assert 0 < found["suppressed_share"] == pytest.approx(1 - len(released) / len(source))
    assert (found["classes"], found["smallest_class"]) == (len(classes), classes.min())
    assert found["average_class"] == pytest.approx(classes.mean())
    assert found["prosecutor_risk"] == pytest.approx(1 / classes.min())
    assert found["journalist_risk"] == pytest.approx((1 / in_source[classes.index]).max())
    assert found["marketer_risk"] == pytest.approx((classes / len(released) / classes).sum())
    assert found["uniqueness"] == 0
    alone = source.groupby(["exact_country", "exact_age_band"]).size()
    assert 0 < found["source_uniqueness"] == pytest.approx((alone == 1).sum() / len(source))
    assert found["discernibility"] == (classes**2).sum() + (len(source) - len(released)) * len(source)
    assert found["smallest_diversity"] is None


def test_losses_are_those_that_pandas_and_scipy_compute(night):
    found = measured(night)
    source, released = frames(night)
    leaves = {column: source.groupby(column)[f"exact_{column}"].nunique() for column in QUASI}
    shown = [
        released[column].map(leaves[column]).where(lambda width: width > 1, 0) / leaves[column].sum()
        for column in QUASI
    ]
    lost = len(source) - len(released)
    assert found["granularity_loss"] == pytest.approx((sum(map(sum, shown)) + 2 * lost) / (2 * len(source)))
    weights = {column: spread(source, released, column) for column in QUASI}
    moved = []
    for column in QUASI:
        before = source[f"exact_{column}"].value_counts(normalize=True).sort_index()
        moved.append(np.abs(before.to_numpy() - weights[column].mean(axis=0)).sum() / 2)
    assert found["marginals_moved"] == pytest.approx(np.mean(moved))
    assert found["marginals_moved_most"] == pytest.approx(max(moved))
    for one, other in combinations(QUASI, 2):
        before = cramers_v(pd.crosstab(source[f"exact_{one}"], source[f"exact_{other}"]).to_numpy())
        after = cramers_v(weights[one].T @ weights[other])
        assert found["correlations_moved"] == pytest.approx(abs(before - after))


def test_diversity_and_distance_are_those_that_pycanon_finds(night, judge):
    found = measured(night, sensitive_attributes=["country"])
    _, released = frames(night)
    _, diversity, distance = judge(released, ["age_band"], ["country"])
    assert found["smallest_diversity"] == diversity > 1
    assert found["largest_distance"] == pytest.approx(distance)


def test_a_value_that_only_the_release_still_shows_counts_as_a_leaf_of_its_own(night):
    with night.connect("move away") as connection:
        connection.execute("update intermediate.people set country = 'NO', exact_country = 'NO' where country = 'FR'")
    found = measured(night)
    # nobody is in FR now: all of its rows have moved
    _, released = frames(night)
    assert found["marginals_moved_most"] >= (released.country == "FR").mean() > 0


@pytest.mark.parametrize(
    ("emptied", "known"),
    [
        ("research_candidate.people", {"source_rows", "published_rows", "suppressed_share"}),
        ("intermediate.people", {"source_rows", "published_rows"}),
    ],
    ids=["all left out", "no source"],
)
def test_what_can_not_be_measured_is_null_and_not_zero(night, emptied, known):
    with night.connect("empty") as connection:
        connection.execute(f"truncate {emptied}")
    found = measured(night)
    assert {measure for measure, value in found.items() if value is not None} == known
    assert len(found) == 19


def test_measuring_again_replaces_the_night_s_measures(night):
    before = measured(night)
    with night.connect("lose one") as connection:
        connection.execute("delete from research_candidate.people where country is null")
    after = measured(night)
    assert after["published_rows"] < before["published_rows"]


@pytest.mark.parametrize(
    ("meta", "said"),
    [
        ({"against": "int_others__measured"}, "there is no model int_people__measured to measure it against"),
        ({"quasi_identifiers": [*QUASI, "plan"]}, "which research_people is measured against, has no exact_plan, plan"),
        ({"sensitive_attributes": ["illness"]}, "people has no illness, which its sensitive_attributes name"),
    ],
    ids=["nothing to measure against", "a column without its exact value", "an unknown sensitive column"],
)
def test_a_table_that_can_not_be_measured_is_refused(night, meta, said):
    with pytest.raises(DeclarationError, match=said):
        measured(night, **meta)


def test_an_exact_value_that_is_shown_as_two_is_refused(night):
    with night.connect("contradict") as connection:
        connection.execute("update intermediate.people set age_band = 'other' where ctid = '(0,1)'")
    with pytest.raises(DeclarationError, match="shows one exact value as two"):
        measured(night)
