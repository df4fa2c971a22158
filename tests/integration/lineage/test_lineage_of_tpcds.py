"""TPC-DS: 99 queries that others wrote, of every shape an analyst's SQL takes."""

from __future__ import annotations

import pytest
from sqlglot import exp, parse_one
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from privacy_governance.lineage import trace_query

duckdb = pytest.importorskip("duckdb", reason="duckdb (with its tpcds extension) brings the queries of TPC-DS")


@pytest.fixture(scope="module")
def tpcds():
    connection = duckdb.connect()
    connection.execute("call dsdgen(sf=0)")
    tables = {}
    columns = "select table_name, column_name, data_type from information_schema.columns order by 1, ordinal_position"
    for table, column, kind in connection.execute(columns).fetchall():
        tables.setdefault(table, {})[column] = kind
    queries = connection.execute("from tpcds_queries()").fetchall()
    described = {
        number: [column[0].lower() for column in connection.execute(sql).description] for number, sql in queries
    }
    connection.close()
    return tables, dict(queries), described


@pytest.mark.parametrize("dialect", ["postgres", "duckdb"])
def test_every_output_is_answered_and_none_is_unresolved(tpcds, dialect):
    tables, queries, described = tpcds
    schema = {f"main.{table}": columns for table, columns in tables.items()}
    assert len(queries) == 99
    for number, sql in queries.items():
        trace = trace_query(sql, schema, dialect)
        assert not trace.unresolved, number
        assert len(trace.columns) == len(described[number]), number
        direct = {edge.output_column for edge in trace.edges if edge.kind == "direct"}
        assert direct | set(trace.sourceless) == set(trace.columns), number


def leaves(name, sql, schema, scope):
    """What sqlglot's own lineage finds for one column; it does not tell values from conditions."""
    return {
        (node.source.name, node.name.rpartition(".")[2].strip('"'))
        for node in lineage(name, sql, schema=schema, scope=scope, dialect="postgres", trim_selects=False).walk()
        if isinstance(node.source, exp.Table)
    }


def test_the_sources_are_those_that_sqlglot_finds_column_by_column(tpcds):
    tables, queries, _ = tpcds
    schema = {f"main.{table}": columns for table, columns in tables.items()}
    nested = MappingSchema(tables, dialect="postgres")
    for number, sql in queries.items():
        trace = trace_query(sql, schema)
        if len(set(trace.columns)) < len(trace.columns):
            continue  # lineage() asks by name
        qualified = qualify(parse_one(sql, read="postgres"), schema=nested, dialect="postgres")
        for ours, theirs in zip(trace.columns, qualified.named_selects, strict=True):
            known = leaves(theirs, qualified, nested, None)
            edges = [edge for edge in trace.edges if edge.output_column == ours]
            direct = {(e.source_table.removeprefix("main."), e.source_column) for e in edges if e.kind == "direct"}
            every = {(e.source_table.removeprefix("main."), e.source_column) for e in trace.edges}
            assert direct <= known, (number, ours)
            assert known <= every, (number, ours)
