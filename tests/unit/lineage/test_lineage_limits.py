from __future__ import annotations

import logging

import pytest

from privacy_governance.errors import LineageError
from privacy_governance.lineage import column_edges, output_columns, trace_query

SCHEMA = {"raw.users": {"user_id": "text", "email": "text"}}


@pytest.mark.parametrize(
    ("sql", "place"),
    [
        ("select email\nfrom raw.users where", "line 2, column 20"),
        ("select email,\n  'alice@example.com from raw.users", "line 2, column 3"),
        ("select 'alice@example.com' from (", "line 1, column 33"),
    ],
)
def test_unparsable_sql_names_the_place_and_none_of_its_literals(sql, place):
    with pytest.raises(LineageError, match=place) as caught:
        column_edges(sql, SCHEMA)
    assert "alice" not in str(caught.value)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "sql", ["select @user_id as n from raw.users", "select 1 as n from raw.users u where @ u.n > 1"]
)
def test_the_operator_that_reads_like_a_variable_is_refused(sql):
    with pytest.raises(LineageError, match="abs"):
        column_edges(sql, SCHEMA)


def test_a_value_with_an_at_sign_is_no_operator():
    sql = "select user_id from raw.users where email like '%@example.com' and user_id <@ user_id"
    assert output_columns(sql, SCHEMA) == ["user_id"]


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("", "no query"),
        ("-- nothing", "no query"),
        ("select 1; select 2", "2 statements"),
        ("vacuum raw.users", "makes no columns"),
        ("drop table raw.users", "DROP"),
        ("select from raw.users", "no output columns"),
    ],
)
def test_what_is_no_query_is_refused(sql, problem):
    with pytest.raises(LineageError, match=problem):
        column_edges(sql, SCHEMA)


def test_nothing_of_an_unknown_statement_is_logged(caplog):
    with caplog.at_level(logging.DEBUG), pytest.raises(LineageError):
        column_edges("vacuum 'alice@example.com'", SCHEMA)
    assert "alice" not in caplog.text


def test_a_trailing_semicolon_is_no_second_statement():
    assert output_columns("select email from raw.users;\n-- done\n", SCHEMA) == ["email"]


def only_source(sql):
    trace = trace_query(sql, SCHEMA)
    assert not trace.unresolved
    return {(edge.source_column, edge.output_column) for edge in trace.edges if edge.kind == "direct"}


def test_a_thousand_ctes_in_a_chain():
    ctes = ["c0 as (select email as e from raw.users)"]
    ctes += [f"c{at} as (select lower(e) as e from c{at - 1})" for at in range(1, 1000)]
    assert only_source(f"with {', '.join(ctes)} select e from c999") == {("email", "e")}


def test_three_hundred_nested_subqueries():
    sql = "select email as e from raw.users"
    for at in range(300):
        sql = f"select e from ({sql}) q{at}"
    assert only_source(sql) == {("email", "e")}


def test_an_expression_of_thousands_of_terms():
    assert only_source(f"select {' || '.join(['email', 'user_id'] * 2500)} as e from raw.users") == {
        ("email", "e"),
        ("user_id", "e"),
    }


def test_functions_nested_a_thousand_deep():
    assert only_source(f"select {'lower(' * 1000}email{')' * 1000} as e from raw.users") == {("email", "e")}


def test_three_thousand_nested_tables():
    trace = trace_query(f"select email from {'(' * 3000}raw.users{')' * 3000}", SCHEMA)
    assert [(edge.source_column, edge.kind) for edge in trace.edges] == [("email", "direct")]


@pytest.mark.parametrize("sql", ["select email from {0}raw.users{1}", "select {0}email{1} from raw.users"])
def test_nesting_that_no_stack_holds_is_refused(sql):
    with pytest.raises(LineageError, match="too deeply"):
        trace_query(sql.format("(" * 20_000, ")" * 20_000), SCHEMA)


def test_a_thousand_conditions_and_branches():
    conditions = " and ".join(["email <> 'x'"] * 1000)
    branches = " ".join(["when user_id = 'x' then email"] * 1000)
    assert only_source(f"select case {branches} end as e from raw.users where {conditions}") == {("email", "e")}


def test_a_union_of_two_thousand_branches():
    assert only_source(" union all ".join(["select email as e from raw.users"] * 2000)) == {("email", "e")}


def test_ways_that_double_with_every_cte_stay_one_edge():
    ctes = ["c0 as (select email as a, email as b from raw.users)"]
    ctes += [f"c{at} as (select lower(a) || upper(b) as a, trim(a) || b as b from c{at - 1})" for at in range(1, 60)]
    trace = trace_query(f"with {', '.join(ctes)} select a from c59", SCHEMA)
    assert len(trace.edges) == 1


def test_a_model_of_five_thousand_lines():
    lines = ",\n".join(f"lower(email) || '{at}' as c{at}" for at in range(5000))
    trace = trace_query(f"select\n{lines}\nfrom raw.users", SCHEMA)
    assert len(trace.edges) == len(trace.columns) == 5000
