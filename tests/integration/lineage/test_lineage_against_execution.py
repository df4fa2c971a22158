from __future__ import annotations

import pytest

from privacy_governance.lineage import trace_query
from lineage_marks import (
    SOURCES,
    build_sources,
    columns_that_bear,
    edges_by_output,
    marks_of,
)
from lineage_queries import QUERIES

# A mark shows that text flowed. Where a direct edge carries no text (numbers, counts, booleans), the change of its
# source shows it instead.
TEXTUAL = {"text", "jsonb", "text[]"}


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
    for construct, sql in QUERIES.items():
        names, found = marks_of(connection, sql)
        direct = edges_by_output(trace_query(sql, SOURCES), {"direct"})
        for name, marks in zip(names, found, strict=True):
            assert marks <= direct[name], (construct, name, marks - direct[name])


def test_a_direct_edge_from_text_shows_its_mark_or_bears_on_the_output(connection):
    for construct, sql in QUERIES.items():
        names, found = marks_of(connection, sql)
        bearing = columns_that_bear(connection, sql)
        direct = edges_by_output(trace_query(sql, SOURCES), {"direct"})
        for name in set(names):
            seen = {
                pair
                for at, other in enumerate(names)
                if other == name
                for pair in found[at] | bearing[at]
            }
            assert direct[name] <= seen, (construct, name, direct[name] - seen)


def test_a_column_whose_change_changes_an_output_has_an_edge_to_it(connection):
    for construct, sql in QUERIES.items():
        trace = trace_query(sql, SOURCES)
        known = edges_by_output(trace, {"direct", "indirect"})
        for name, bearing in zip(trace.columns, columns_that_bear(connection, sql), strict=True):
            assert bearing <= known[name], (construct, name, bearing - known[name])
