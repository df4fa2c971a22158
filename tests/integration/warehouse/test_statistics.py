"""The planner's statistics are made anew where a table has changed much since, and only there."""

from __future__ import annotations

import pytest

from privacy_governance.warehouse.bootstrap import bootstrap


@pytest.fixture
def grown(warehouse):
    """A table of 10,000 rows, analyzed; called with SQL, it runs that and returns how many rows are planned for."""
    bootstrap(warehouse, fingerprints={})
    with warehouse.connect("fill a table", autocommit=True) as connection:
        connection.execute("create table public.grown as select n from generate_series(1, 10000) as n")
        connection.execute("alter table public.grown set (autovacuum_enabled = false)")

        def after(change):
            connection.execute(change)
            connection.execute("select governance.analyze_changed('public.grown')")
            return connection.execute("select reltuples from pg_class where relname = 'grown'").fetchone()[0]

        assert after("select") == 10_000
        yield after


def test_a_table_that_hardly_grew_is_not_read_for_statistics(grown):
    assert grown("insert into public.grown select generate_series(1, 100)") == 10_000


def test_a_table_that_doubled_is_analyzed(grown):
    assert grown("insert into public.grown select generate_series(1, 10000)") == 20_000


def test_a_table_that_shrank_is_analyzed(grown):
    assert grown("truncate public.grown; insert into public.grown values (1)") == 1


def test_an_empty_table_is_left_unknown_because_the_planner_is_careful_with_that(grown):
    assert grown("truncate public.grown") == -1
