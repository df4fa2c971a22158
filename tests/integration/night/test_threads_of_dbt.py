"""dbt's threads see every table of the warehouse, however slowly its cache fills."""

from __future__ import annotations

import threading
import time

import pytest
from dbt.adapters.cache import RelationsCache
from dbt.adapters.postgres import PostgresAdapter

from lib.nights import night_of
from privacy_governance.night import compile_


@pytest.fixture
def slow_cache(monkeypatch):
    """Let the cache take its time over each raw table, as it does on a busy machine."""
    add = RelationsCache.add

    def add_slowly(cache, relation):
        add(cache, relation)
        if relation.schema == "raw":
            time.sleep(0.1)

    monkeypatch.setattr(RelationsCache, "add", add_slowly)


def test_no_raw_table_is_missing_from_what_several_threads_make_of_the_models(governed, request):
    night = night_of(governed)
    compile_(night)
    compiled = compiled_sql(governed)
    request.getfixturevalue("slow_cache")
    night.transformations.compile_all()
    assert compiled_sql(governed) == compiled


def test_the_schemas_of_sources_are_listed_before_the_threads_of_a_run_start(governed, monkeypatch):
    listing = PostgresAdapter.list_relations_without_caching
    listed = []

    def listing_noted(adapter, schema_relation):
        listed.append((schema_relation.schema, threading.current_thread() is threading.main_thread()))
        return listing(adapter, schema_relation)

    monkeypatch.setattr(PostgresAdapter, "list_relations_without_caching", listing_noted)
    night_of(governed).transformations.run("run", "stg_segment__users", "stg_segment__tracks")
    assert [each for each in listed if each[0] in ("raw", "research", "research_previous")] == [
        ("raw", True), ("research", True), ("research_previous", True),
    ]  # fmt: skip


def compiled_sql(governed):
    """What dbt last made of each model of the raw tables, by file."""
    models = governed.settings.dbt_project / "target" / "compiled" / "privacy_governance" / "models"
    return {
        file.relative_to(models): file.read_text()
        for folder in ("staging", "intermediate/subjects")
        for file in (models / folder).rglob("*.sql")
    }
