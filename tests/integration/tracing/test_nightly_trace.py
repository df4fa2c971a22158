"""The night's trace in the warehouse: edges replaced where something changed, whole or not at all."""

from __future__ import annotations

import json

import psycopg
import pytest

from privacy_governance.errors import LineageError
from privacy_governance.keys import Keys
from privacy_governance.manifest import COMPILED
from privacy_governance.tracing import nightly, trace
from privacy_governance.warehouse.bootstrap import bootstrap

STG = "staging.stg_users"
LAST = "research_candidate.people"


@pytest.fixture
def target(tmp_path):
    """Write the compiled manifest of models: relation → SQL, in dependency order."""

    def write(models):
        nodes = {}
        before = []
        for relation, sql in models.items():
            schema, name = relation.split(".")
            nodes[f"model.p.{name}"] = {
                "resource_type": "model",
                "name": name,
                "alias": name,
                "schema": schema,
                "original_file_path": f"models/{name}.sql",
                "fqn": ["p", name],
                "config": {"materialized": "view", "enabled": True},
                "depends_on": {"nodes": list(before)},
                "columns": {},
                "compiled_code": sql,
            }
            before = [f"model.p.{name}"]
        (tmp_path / COMPILED).write_text(json.dumps({"nodes": nodes, "sources": {}}))
        return tmp_path

    return write


@pytest.fixture
def prepared(warehouse):
    """A warehouse with one raw table."""
    bootstrap(warehouse, fingerprints=Keys.derive("a key that only this test uses").fingerprints())
    with warehouse.connect("make a raw table") as connection:
        connection.execute("create table raw.users (id text, email text)")
    return warehouse


def edges(warehouse):
    """Return every edge with the transaction that wrote it: (output, source, kind) → xmin."""
    with warehouse.connect("read edges") as connection:
        rows = connection.execute(
            "select output_relation, output_column, source_column, kind, xmin::text from governance.column_edges"
        ).fetchall()
    return {tuple(edge): xmin for *edge, xmin in rows}


MODELS = {STG: "select id, email from raw.users", LAST: f"select email as contact from {STG}"}


def test_a_second_night_touches_nothing_that_did_not_change(prepared, target):
    first = trace(prepared, target(MODELS))
    before = edges(prepared)
    second = trace(prepared, target(MODELS))
    assert (first.models, first.retraced, second.retraced) == (2, 2, 0)
    assert (first.edges, first.unresolved) == (second.edges, second.unresolved) == (3, 0)
    assert edges(prepared) == before


def test_a_changed_models_edges_are_replaced_and_the_others_stay(prepared, target):
    trace(prepared, target(MODELS))
    before = edges(prepared)
    done = trace(prepared, target({**MODELS, LAST: f"select count(*) as people from {STG}"}))
    after = edges(prepared)
    assert done.retraced == 1
    assert {edge: xmin for edge, xmin in after.items() if edge[0] == STG} == {
        edge: xmin for edge, xmin in before.items() if edge[0] == STG
    }
    assert [edge for edge in after if edge[0] == LAST] == [(LAST, "people", None, "direct")]


def test_a_removed_models_edges_go(prepared, target):
    trace(prepared, target(MODELS))
    trace(prepared, target({STG: MODELS[STG]}))
    assert {edge[0] for edge in edges(prepared)} == {STG}
    trace(prepared, target(MODELS))
    assert {edge[0] for edge in edges(prepared)} == {STG, LAST}


def test_a_renamed_raw_column_is_seen_downstream_the_same_night(prepared, target):
    trace(prepared, target(MODELS))
    with prepared.connect("rename a column") as connection:
        connection.execute("alter table raw.users rename column email to mail")
    done = trace(prepared, target({**MODELS, STG: "select * from raw.users"}))
    assert done.retraced == 2
    assert (STG, "mail", "mail", "direct") in edges(prepared)
    assert (LAST, "contact", "email", "unresolved") in edges(prepared)
    assert done.unresolved > 0


def test_edges_that_were_lost_are_traced_anew(prepared, target):
    trace(prepared, target(MODELS))
    before = set(edges(prepared))
    with prepared.connect("lose an edge") as connection:
        connection.execute("delete from governance.column_edges where output_column = 'contact'")
    assert trace(prepared, target(MODELS)).retraced == 1
    assert set(edges(prepared)) == before


def test_a_model_that_no_longer_parses_leaves_all_edges_whole(prepared, target):
    trace(prepared, target(MODELS))
    before = edges(prepared)
    with pytest.raises(LineageError, match=r"models/people\.sql"):
        trace(prepared, target({STG: "select id from raw.users", LAST: "select from where"}))
    assert edges(prepared) == before


def test_a_trace_killed_before_it_commits_leaves_all_edges_whole(prepared, target, monkeypatch):
    trace(prepared, target(MODELS))
    before = edges(prepared)
    replace = nightly.replace

    def killed_at_the_end(connection, changed, kept):
        replace(connection, changed, kept)
        with psycopg.connect(prepared.url, autocommit=True) as other:
            other.execute("select pg_terminate_backend(%s)", [connection.info.backend_pid])
        connection.execute("select 1")

    monkeypatch.setattr(nightly, "replace", killed_at_the_end)
    with pytest.raises(Exception, match="trace"):
        trace(prepared, target({STG: "select email from raw.users"}))
    monkeypatch.undo()
    assert edges(prepared) == before
    assert trace(prepared, target({STG: "select email from raw.users"})).retraced == 1
    assert set(edges(prepared)) == {(STG, "email", "email", "direct")}
