"""Paths from source columns to a column: each step with its effect, filters apart, nothing walked without end."""

from __future__ import annotations

from itertools import islice

import pytest

from privacy_governance.algebra import Identifiability, Tag
from privacy_governance.errors import DeclarationError
from privacy_governance.explaining import every_path, explain, find_column, lineage
from privacy_governance.tagging import ColumnTag
from privacy_governance.tracing import Edge

DIRECT, QUASI, AGGREGATE = Identifiability.DIRECT, Identifiability.QUASI, Identifiability.AGGREGATE


def tagged(name, level=DIRECT):
    relation, _, column = name.rpartition(".")
    tag = None if level is None else Tag(frozenset({"identifiers_general"}), level)
    return ColumnTag(relation, column, tag, "declared", (name,), None)


def edge(source, output, *functions, kind="direct", sql="x", reason=None):
    """An edge between `relation.column`s; an output `relation.` bears on all columns."""
    source_relation, _, source_column = source.rpartition(".") if source else (None, None, None)
    relation, _, column = output.rpartition(".")
    return Edge(relation, column or None, source_relation, source_column, kind, sql, functions, reason)


def explained(column, edges, *tags):
    relation, _, name = column.rpartition(".")
    return explain(relation, name, lineage(edges, tags))


def sources(explanation):
    return [f"{path.start.relation}.{path.start.column}" for path in explanation.paths]


def test_each_step_tells_its_sql_and_what_it_did_to_identifiability():
    edges = [edge("raw.t.email", "s.t.email", "lower", sql="lower(email)"), edge("s.t.email", "i.t.n", "count")]
    (path,) = explained("i.t.n", edges, tagged("raw.t.email")).paths
    first, second = path.steps
    assert (first.transformation, first.before, first.after) == ("lower(email)", DIRECT, DIRECT)
    assert (second.before, second.after) == (DIRECT, AGGREGATE)
    assert second.reason.startswith("count: ")
    assert (path.start.column, path.after, path.is_indirect) == ("email", AGGREGATE, False)


def test_an_indirect_step_marks_its_path_and_leaves_an_attribute_at_most():
    (path,) = explained("i.t.b", [edge("raw.t.age", "i.t.b", kind="indirect")], tagged("raw.t.age")).paths
    assert path.is_indirect
    assert path.after is QUASI


def test_a_filter_on_all_rows_is_listed_apart_with_every_column_it_reads():
    edges = [
        edge("raw.t.plan", "i.t.plan"),
        edge("raw.t.age", "i.t.", kind="indirect", sql="where age > min_age"),
        edge("raw.u.min_age", "i.t.", kind="indirect", sql="where age > min_age"),
        edge("raw.t.age", "elsewhere.t.", kind="indirect", sql="where true"),
    ]
    found = explained("i.t.plan", edges, tagged("raw.t.plan"), tagged("raw.t.age"))
    assert sources(found) == ["raw.t.plan"]
    (clause,) = found.filters
    assert (clause.relation, clause.clause) == ("i.t", "where age > min_age")
    assert [column.column for column in clause.columns] == ["age", "min_age"]


def test_a_source_is_told_once_by_its_strongest_and_then_shortest_path():
    edges = [
        edge("raw.t.email", "i.t.x", "count"),
        edge("raw.t.email", "s.t.a"),
        edge("s.t.a", "s.u.a"),
        edge("s.u.a", "i.t.x"),
        edge("s.t.a", "i.t.x", sql="the shortest that keeps it"),
    ]
    found = explained("i.t.x", edges, tagged("raw.t.email"))
    (path,) = found.paths
    assert path.after is DIRECT
    assert path.steps[-1].transformation == "the shortest that keeps it"
    assert found.has_more_paths
    assert len(list(every_path("i.t", "x", lineage(edges, [])))) == 3


def test_a_direct_path_stands_before_a_shorter_indirect_one():
    edges = [
        edge("raw.t.plan", "i.t.x", kind="indirect"),
        edge("raw.t.plan", "s.t.plan"),
        edge("s.t.plan", "i.t.x"),
    ]
    (path,) = explained("i.t.x", edges, tagged("raw.t.plan", QUASI)).paths
    assert not path.is_indirect


def test_a_direct_path_stands_before_an_indirect_one_that_leaves_as_much():
    edges = [edge("raw.t.bio", "i.t.x", kind="indirect"), edge("raw.t.bio", "s.t.n", "length"), edge("s.t.n", "i.t.x")]
    (path,) = explained("i.t.x", edges, tagged("raw.t.bio")).paths
    assert not path.is_indirect


def test_of_paths_that_leave_as_much_the_shortest_is_told():
    edges = [edge("raw.t.plan", "s.t.plan"), edge("s.t.plan", "i.t.x"), edge("raw.t.plan", "i.t.x", "length")]
    (path,) = explained("i.t.x", edges, tagged("raw.t.plan", QUASI)).paths
    assert len(path.steps) == 1


def test_the_more_identifying_source_comes_first():
    edges = [edge("raw.t.a", "i.t.x"), edge("raw.t.b", "i.t.x"), edge("raw.t.c", "i.t.x")]
    found = explained("i.t.x", edges, tagged("raw.t.a", QUASI), tagged("raw.t.b"), tagged("raw.t.c", None))
    assert sources(found) == ["raw.t.c", "raw.t.b", "raw.t.a"]
    assert [path.after for path in found.paths] == [None, DIRECT, QUASI]
    assert not found.has_more_paths


def test_forty_diamonds_on_top_of_each_other_are_explained():
    edges = [edge(f"m.t{step}.x", f"m.t{step + 1}.x", sql=side) for step in range(40) for side in ("left", "right")]
    found = explained("m.t40.x", edges, tagged("m.t0.x"))
    assert sources(found) == ["m.t0.x"]
    assert len(found.paths[0].steps) == 40
    assert found.has_more_paths
    assert len(list(islice(every_path("m.t40", "x", lineage(edges, [])), 1000))) == 1000


def test_a_lineage_of_two_thousand_steps_is_explained():
    edges = [edge(f"m.t{step}.x", f"m.t{step + 1}.x") for step in range(2000)]
    (path,) = explained("m.t2000.x", edges, tagged("m.t0.x")).paths
    assert len(path.steps) == 2000


def test_a_circle_is_left_again():
    edges = [edge("m.a.x", "m.b.x"), edge("m.b.x", "m.a.x"), edge("raw.t.x", "m.a.x")]
    assert sources(explained("m.b.x", edges, tagged("raw.t.x"))) == ["raw.t.x"]
    assert len(list(every_path("m.b", "x", lineage(edges, [])))) == 1


def test_a_source_that_is_gone_is_unknown_and_says_so():
    (path,) = explained("i.t.x", [edge("raw.t.gone", "i.t.x")]).paths
    assert path.after is None
    assert "was not there" in path.start.reason


def test_what_could_not_be_resolved_is_told_with_its_reason():
    edges = [
        edge("raw.t.a", "i.t.x"),
        edge(None, "i.t.x", kind="unresolved", reason="column b is ambiguous"),
        edge(None, "i.t.", kind="unresolved", reason="no such table"),
    ]
    found = explained("i.t.x", edges, tagged("raw.t.a"))
    assert [(gap.column, gap.reason) for gap in found.gaps] == [("x", "column b is ambiguous"), ("*", "no such table")]


def test_a_column_that_no_column_flows_into_names_its_expression():
    found = explained("i.t.n", [edge(None, "i.t.n", sql="count(*)")], tagged("i.t.n"))
    assert not found.paths
    assert [place.reason for place in found.computed] == ["count(*)"]


def test_a_released_column_goes_on_from_its_candidate():
    edges = [edge("raw.t.plan", "research_candidate.t.plan")]
    tags = (tagged("raw.t.plan"), tagged("research_candidate.t.plan"), tagged("research.t.plan"))
    (path,) = explained("research.t.plan", edges, *tags).paths
    assert [(step.relation, step.transformation) for step in path.steps] == [
        ("research_candidate.t", "x"),
        ("research.t", "published"),
    ]


@pytest.mark.parametrize("name", ['raw."Mixed".user_id', "raw.Mixed.user_id"])
def test_a_column_is_found_with_and_without_quotes(name):
    assert find_column(name, [tagged('raw."Mixed".user_id')]).column == "user_id"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("raw.users.emial", "Did you mean raw.users.email?"),
        ("email", "Did you mean raw.users.email?"),
        ("raw.users", "Name one of its columns: raw.users.<column>, with email."),
        ("nothing like it", "govern tags list prints them all."),
    ],
)
def test_a_column_that_is_not_there_is_refused_with_what_would_help(name, hint):
    with pytest.raises(DeclarationError) as refused:
        find_column(name, [tagged("raw.users.email")])
    assert hint in str(refused.value)
