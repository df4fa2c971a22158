"""The tags of this project's own columns, on a generated warehouse."""

from __future__ import annotations

import pytest

from lib.nights import night_of
from privacy_governance.night import compile_, tag, trace


@pytest.fixture(scope="module")
def tags(governed):
    """Every tag: (relation, column) → (categories, identifiability, path)."""
    with governed.warehouse.connect("add what nobody declares") as connection:
        connection.execute("alter table raw.users add column shoe_size int")
        connection.execute("create table raw.stray (email text)")
    night = night_of(governed)
    for step in (compile_, trace, tag):
        step(night)
    with governed.warehouse.connect("read tags") as connection:
        rows = connection.execute(
            "select relation, column_name, categories, identifiability, path, reason from governance.column_tags"
        ).fetchall()
    return {(relation, column): rest for relation, column, *rest in rows}


def test_every_column_of_the_warehouse_has_a_tag(governed, tags):
    with governed.warehouse.connect("list columns") as connection:
        columns = connection.execute(
            "select table_schema || '.' || table_name, column_name from information_schema.columns"
            " where table_schema in ('raw', 'staging', 'intermediate', 'research_candidate', 'governance', 'audit')"
        ).fetchall()
    assert not set(columns) - set(tags)


def test_a_direct_identifier_stays_direct_through_a_rename_and_a_trim(tags):
    categories, identifiability, path, _ = tags["staging.stg_segment__users", "email"]
    assert categories == ["identifiers_general"]
    assert identifiability == "direct"
    assert path[0] == "raw.users.email"
    assert path[-1] == "staging.stg_segment__users.email"


def test_a_keyed_token_is_pseudonymous(tags):
    _, identifiability, path, _ = tags["research_candidate.research_users", "subject_token"]
    assert identifiability == "pseudonymous"
    assert path[0].startswith("raw.")


def test_an_age_band_is_a_quasi_identifier_although_no_value_flows_into_it(tags):
    _, identifiability, _, _ = tags["research_candidate.research_users", "age_band"]
    assert identifiability == "quasi"


def test_no_column_of_the_candidate_is_direct_or_unknown(tags):
    candidate = {key: rest[1] for key, rest in tags.items() if key[0].startswith("research_candidate.")}
    assert len(candidate) > 10
    assert set(candidate.values()) <= {"quasi", "pseudonymous", "aggregate", "none"}


def test_an_undeclared_column_is_unknown_and_says_where_to_tag_it(tags):
    _, identifiability, _, reason = tags["raw.users", "shoe_size"]
    assert identifiability == "unknown"
    assert "_segment__sources.yml" in reason


def test_a_table_nobody_declares_is_unknown_and_says_how_to_declare_it(tags):
    _, identifiability, _, reason = tags["raw.stray", "email"]
    assert identifiability == "unknown"
    assert "__sources.yml" in reason


def test_tags_and_their_paths_do_not_hang_on_the_order_in_which_edges_were_traced(governed, tags):
    with governed.warehouse.connect("lay the edges in another order") as connection:
        connection.execute(
            "create temporary table traced as select * from governance.column_edges;"
            " truncate governance.column_edges;"
            " insert into governance.column_edges select * from pg_temp.traced order by traced desc"
        )
    tag(night_of(governed))
    with governed.warehouse.connect("read tags") as connection:
        paths = connection.execute("select relation, column_name, path from governance.column_tags").fetchall()
    assert {(relation, column): path for relation, column, path in paths} == {
        key: path for key, (_, _, path, _) in tags.items()
    }
