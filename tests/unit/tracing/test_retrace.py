"""Which models are traced anew, and which keep what was traced before."""

from __future__ import annotations

import pytest

from privacy_governance.manifest import Model
from privacy_governance.tracing import digests
from privacy_governance.tracing.nightly import retrace

CATALOG = {"raw.users": {"id": "text", "email": "text"}, "raw.orders": {"id": "text"}}


def model(relation, sql):
    name = relation.rpartition(".")[2]
    return Model(name, relation, f"models/{name}.sql", sql, "view", (), {}, {}, "")


STG = model("staging.stg_users", "select * from raw.users")
LAST = model("marts.last", "select email as contact from staging.stg_users")
ORDERS = model("marts.orders", "select id from raw.orders")
MODELS = (STG, LAST, ORDERS)


@pytest.fixture
def stored():
    """The traces of the night before."""
    return retrace(MODELS, CATALOG, {})


def changed(models, catalog, stored):
    return set(retrace(models, catalog, stored))


def test_the_first_night_traces_every_model(stored):
    assert set(stored) == {"staging.stg_users", "marts.last", "marts.orders"}


def test_an_unchanged_night_traces_nothing(stored):
    assert changed(MODELS, CATALOG, stored) == set()


def test_a_change_of_sql_that_keeps_the_columns_stays_where_it_is(stored):
    edited = model("staging.stg_users", "select id, lower(email)::text as email from raw.users")
    assert changed((edited, LAST, ORDERS), CATALOG, stored) == {"staging.stg_users"}


def test_a_renamed_source_column_retraces_all_that_reads_it_and_what_reads_that(stored):
    catalog = {**CATALOG, "raw.users": {"id": "text", "mail": "text"}}
    found = retrace(MODELS, catalog, stored)
    assert set(found) == {"staging.stg_users", "marts.last"}
    assert {edge.kind for edge in found["marts.last"].traced.edges} == {"unresolved"}


def test_a_retyped_source_column_retraces_all_that_reads_it_and_what_reads_that(stored):
    catalog = {**CATALOG, "raw.users": {"id": "text", "email": "citext"}}
    assert changed(MODELS, catalog, stored) == {"staging.stg_users", "marts.last"}


def test_columns_in_another_order_retrace_a_star(stored):
    catalog = {**CATALOG, "raw.users": {"email": "text", "id": "text"}}
    found = retrace(MODELS, catalog, stored)
    assert list(found["staging.stg_users"].traced.columns) == ["email", "id"]


def test_a_table_that_appears_retraces_what_names_it(stored):
    lacking = {"raw.orders": CATALOG["raw.orders"]}
    before = retrace(MODELS, lacking, {})
    assert changed(MODELS, CATALOG, before) == {"staging.stg_users", "marts.last"}


def test_a_table_that_goes_retraces_what_names_it(stored):
    assert changed(MODELS, {"raw.users": CATALOG["raw.users"]}, stored) == {"marts.orders"}


def test_a_second_table_of_the_name_that_a_query_relies_on_retraces_it():
    unqualified = model("marts.orders", "select id from orders")
    before = retrace((unqualified,), CATALOG, {})
    found = retrace((unqualified,), {**CATALOG, "old.orders": {"id": "text"}}, before)
    assert "ambiguous" in found["marts.orders"].traced.edges[0].reason


@pytest.mark.parametrize("name", ['"Odd Name"', '"say ""it"""', '"Users"', "täbel"])
def test_a_table_of_any_name_is_seen_to_change(name):
    reading = model("marts.m", f"select a from raw.{name}")
    before = retrace((reading,), {f"raw.{name}": {"a": "text"}}, {})
    assert changed((reading,), {f"raw.{name}": {"a": "text"}}, before) == set()
    assert changed((reading,), {f"raw.{name}": {"a": "int"}}, before) == {"marts.m"}


def test_a_model_whose_columns_are_not_known_tells_those_that_read_it():
    star = model("staging.stg_users", "select * from raw.nowhere")
    found = retrace((star, model("marts.m", "select * from staging.stg_users")), CATALOG, {})
    assert {edge.kind for edge in found["marts.m"].traced.edges} == {"unresolved"}


def test_another_version_of_the_tracing_code_retraces_everything(stored, monkeypatch):
    monkeypatch.setattr(digests, "code_version", lambda: "another")
    assert changed(MODELS, CATALOG, stored) == set(stored)
