from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from lineage_generator import any_query, pure_query
from lineage_marks import SOURCES, build_sources, columns_that_bear, edges_by_output, marks_of

from privacy_governance.lineage import trace_query

SLOW = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def connection(warehouse):
    with warehouse.connect("running the lineage oracle") as open_connection:
        build_sources(open_connection)
        yield open_connection


@SLOW
@given(sql=any_query())
def test_no_column_that_reaches_or_decides_an_output_is_lost(connection, sql):
    _, found = marks_of(connection, sql)
    trace = trace_query(sql, SOURCES)
    assert not trace.unresolved
    direct = edges_by_output(trace, {"direct"})
    known = edges_by_output(trace, {"direct", "indirect"})
    for name, marks, bearing in zip(trace.columns, found, columns_that_bear(connection, sql), strict=True):
        assert marks <= direct[name]
        assert bearing <= known[name]


@SLOW
@given(sql=pure_query())
def test_the_direct_edges_are_exactly_the_marks(connection, sql):
    _, found = marks_of(connection, sql)
    trace = trace_query(sql, SOURCES)
    direct = edges_by_output(trace, {"direct"})
    text = {pair for pair in (p for pairs in direct.values() for p in pairs) if SOURCES[pair[0]][pair[1]] == "text"}
    for name, marks in zip(trace.columns, found, strict=True):
        assert direct[name] & text == marks
