from __future__ import annotations

import pytest
from lineage_marks import (
    SOURCES,
    build_sources,
    columns_that_bear,
    edges_by_output,
    marks_of,
)
from lineage_queries import QUERIES

from privacy_governance.lineage import trace_query


@pytest.fixture
def connection(warehouse):
    with warehouse.connect("running the lineage oracle") as open_connection:
        build_sources(open_connection)
        yield open_connection


def test_every_output_is_answered_under_its_own_name(connection):
    for construct, sql in QUERIES.items():
        names, _ = marks_of(connection, sql)
        trace = trace_query(sql, SOURCES)
        assert list(trace.columns) == names, construct
        assert not trace.unresolved, construct


def test_a_mark_reaches_an_output_only_along_a_direct_edge(connection):
    lost = {}
    for construct, sql in QUERIES.items():
        names, found = marks_of(connection, sql)
        direct = edges_by_output(trace_query(sql, SOURCES), {"direct"})
        lost |= {
            (construct, name): marks - direct[name]
            for name, marks in zip(names, found, strict=True)
            if marks - direct[name]
        }
    assert lost == {}


def test_a_direct_edge_shows_its_mark_or_bears_on_the_output(connection):
    invented = {}
    for construct, sql in QUERIES.items():
        names, found = marks_of(connection, sql)
        seen = {name: set() for name in names}
        for name, marks, bearing in zip(names, found, columns_that_bear(connection, sql), strict=True):
            seen[name] |= marks | bearing
        direct = edges_by_output(trace_query(sql, SOURCES), {"direct"})
        invented |= {(construct, name): direct[name] - seen[name] for name in names if direct[name] - seen[name]}
    assert invented == {}


def test_a_column_whose_change_changes_an_output_has_an_edge_to_it(connection):
    lost = {}
    for construct, sql in QUERIES.items():
        trace = trace_query(sql, SOURCES)
        known = edges_by_output(trace, {"direct", "indirect"})
        lost |= {
            (construct, name): bearing - known[name]
            for name, bearing in zip(trace.columns, columns_that_bear(connection, sql), strict=True)
            if bearing - known[name]
        }
    assert lost == {}
