from __future__ import annotations

import pytest

from privacy_governance.lineage import trace_query

SCHEMA = {
    "raw.users": {"user_id": "text", "email": "text", "zip": "text", "traits": "jsonb"},
    "raw.orders": {"order_id": "text", "user_id": "text", "amount": "numeric"},
    'raw."Mixed"': {"Email": "text", "email": "text"},
}


def edges(sql, kind, schema=SCHEMA):
    """Edges of one kind in short: `source > output`, and for an indirect one the clause: `where: source > output`."""
    shown = []
    for edge in trace_query(sql, schema).edges:
        if edge.kind == kind:
            table = (edge.source_table or "?").removeprefix("raw.")
            clause = f"{edge.transformation.functions[0]}: " if kind == "indirect" else ""
            shown.append(f"{clause}{table}.{edge.source_column} > {edge.output_column or 'all'}")
    return sorted(shown)


DIRECT = {
    "select email from raw.users": ["users.email > email"],
    "select u.email as e from raw.users as u": ["users.email > e"],
    "select lower(email) || zip as e from raw.users": ["users.email > e", "users.zip > e"],
    "select email from users": ["users.email > email"],
    "select 1 as one, now() as at, count(*) as n from raw.users": [],
    "select * from raw.orders": ["orders.amount > amount", "orders.order_id > order_id", "orders.user_id > user_id"],
    "select o.* from raw.users u join raw.orders o on true": [
        "orders.amount > amount",
        "orders.order_id > order_id",
        "orders.user_id > user_id",
    ],
    "with a as (select email as e from raw.users), b as (select e as f from a) select f from b": ["users.email > f"],
    "with users as (select zip as email from raw.users) select email from users": ["users.zip > email"],
    "with a(x, y) as (select email, zip from raw.users) select y from a": ["users.zip > y"],
    "select email from raw.users union all select order_id from raw.orders": [
        "orders.order_id > email",
        "users.email > email",
    ],
    "select (select max(amount) from raw.orders o where o.user_id = u.user_id) as m from raw.users u": [
        "orders.amount > m"
    ],
    "select s.e from raw.users u, lateral (select u.email || '!' as e) s": ["users.email > e"],
    "select k, v from raw.users, jsonb_each_text(traits) as t(k, v)": ["users.traits > k", "users.traits > v"],
    "select traits ->> 'email' as e, traits #> '{a,b}' as f from raw.users": ["users.traits > e", "users.traits > f"],
    "select to_jsonb(o) as j from raw.orders o": [
        "orders.amount > j",
        "orders.order_id > j",
        "orders.user_id > j",
    ],
    "with recursive r(i, a, b, c) as (select 1, email, zip, user_id from raw.users"
    " union all select i + 1, b, c, a from r where i < 9) select a from r": [
        "users.email > a",
        "users.user_id > a",
        "users.zip > a",
    ],
    "select grouping(zip) as g from raw.users group by zip": [],
    "select (o).amount as a from raw.orders o": ["orders.amount > a"],
    "select (q.r).amount as a from (select o as r from raw.orders o) q": ["orders.amount > a"],
    "select v.b from (values (1, 'x'), (2, 'y')) as v(a, b)": [],
    "select v.x from raw.users u cross join lateral (values (u.email), (u.zip)) as v(x)": [
        "users.email > x",
        "users.zip > x",
    ],
    "with recursive r(i, a, b) as (select 1, email, zip from raw.users union all select i + 1, b, a from r where i < 9)"
    " select a from r": ["users.email > a", "users.zip > a"],
    "select case when zip = '1' then email else user_id end as c from raw.users": [
        "users.email > c",
        "users.user_id > c",
    ],
    "select nullif(email, zip) as e from raw.users": ["users.email > e"],
    "select first_value(email) over (partition by zip order by user_id) as e from raw.users": ["users.email > e"],
    "select rank() over (order by email) as r from raw.users": [],
    "select max(email) filter (where zip = '1') as e from raw.users": ["users.email > e"],
    "select percentile_cont(0.5) within group (order by amount) as m from raw.orders": ["orders.amount > m"],
    "select email from raw.users except select order_id from raw.orders": ["users.email > email"],
    "select user_id from raw.users join raw.orders using (user_id)": [
        "orders.user_id > user_id",
        "users.user_id > user_id",
    ],
    "select user_id from raw.users left join raw.orders using (user_id)": ["users.user_id > user_id"],
    "select user_id from raw.users right join raw.orders using (user_id)": ["orders.user_id > user_id"],
    "select user_id from raw.users natural full join raw.orders": [
        "orders.user_id > user_id",
        "users.user_id > user_id",
    ],
    'select "Email" as a, email as b from raw."Mixed"': ['"Mixed".Email > a', '"Mixed".email > b'],
    'select EMAIL as "E" from RAW.Users': ["users.email > E"],
    "select a.user_id, b.user_id from raw.users a, raw.orders b": [
        "orders.user_id > user_id",
        "users.user_id > user_id",
    ],
    "select array(select email from raw.users) as a": ["users.email > a"],
    "select j.amount from (raw.users u join raw.orders o on u.user_id = o.user_id) as j": ["orders.amount > amount"],
    "select x.id, x.name from raw.users, xmltable('/r' passing traits columns id int path 'i', name text path 'n') x": [
        "users.traits > id",
        "users.traits > name",
    ],
    "create view v as select email from raw.users": ["users.email > email"],
    "select date_bin('9999 days', now(), zip) as d from raw.users": ["users.zip > d"],
    "select date_trunc(zip, now()) as d from raw.users": ["users.zip > d"],
    'select date_trunc("Email", now(), m.email) as d from raw."Mixed" m': ['"Mixed".Email > d', '"Mixed".email > d'],
    "select date_add(now(), interval '1 day', zip) as d, date_part(u.zip, now()) as p from raw.users u": [
        "users.zip > d",
        "users.zip > p",
    ],
    "select date_trunc('month', now()) as d from (select zip as month from raw.users) q": [],
    "select date_add(now(), interval '1 day', 'Europe/Berlin') as d from raw.users": [],
    # the function in FROM may have a field of that name, and the query around it has the column
    "select (select max(email) from generate_series(1, 3)) as e from raw.users": ["users.email > e"],
    "select (select string_agg(email, i) from unnest(traits) as i) as e from raw.users": [
        "users.email > e",
        "users.traits > e",
    ],
    'select (select to_jsonb(m) from now()) as j from raw."Mixed" m': ['"Mixed".Email > j', '"Mixed".email > j'],
    "select x.e from raw.users, lateral (select email as e from unnest(traits) as i) as x": [
        "users.email > e",
        "users.traits > e",
    ],
}


@pytest.mark.parametrize("sql", DIRECT)
def test_the_value_of_a_column_flows_to(sql):
    assert edges(sql, "direct") == DIRECT[sql]
    assert edges(sql, "unresolved") == []


INDIRECT = {
    "select email from raw.users where zip = '1'": ["where: users.zip > all"],
    "select u.email from raw.users u join raw.orders o on o.user_id = u.user_id": [
        "join: orders.user_id > all",
        "join: users.user_id > all",
    ],
    "select email from raw.users join raw.orders using (user_id)": [
        "using: orders.user_id > all",
        "using: users.user_id > all",
    ],
    "select count(*) as n from raw.users group by zip": ["group by: users.zip > all"],
    "select count(*) as n, lower(zip) as z from raw.users group by 2": ["group by: users.zip > all"],
    "select count(*) as n from raw.users having max(zip) > '1'": ["having: users.zip > all"],
    "select count(*) as n from raw.users group by grouping sets ((zip), (), cube (email))": [
        "group by: users.email > all",
        "group by: users.zip > all",
    ],
    "select distinct on (zip) email from raw.users order by zip, user_id": [
        "distinct on: users.zip > all",
        "order by: users.user_id > all",
        "order by: users.zip > all",
    ],
    "select row_number() over (partition by zip order by email) as r, 1 as one from raw.users": [
        "order by: users.email > r",
        "partition by: users.zip > r",
    ],
    "select sum(1) over w as s from raw.users window w as (order by zip)": ["order by: users.zip > s"],
    "select count(*) filter (where zip = '1') as n, 1 as one from raw.users": ["filter: users.zip > n"],
    "select case when zip = '1' then email end as c, 1 as one from raw.users": ["case: users.zip > c"],
    "select email from raw.users except select order_id from raw.orders": ["except: orders.order_id > all"],
    "select email from raw.users where user_id in (select user_id from raw.orders where amount > 1)": [
        "where: orders.amount > all",
        "where: orders.user_id > all",
        "where: users.user_id > all",
    ],
    "select exists (select 1 from raw.orders o where o.user_id = u.user_id) as e, 1 as one from raw.users u": [
        "where: orders.user_id > e",
        "where: users.user_id > e",
    ],
    "with a as (select email from raw.users where zip = '1') select email from a": ["where: users.zip > all"],
    "select c from (select case when zip = '1' then 2 end as c, 3 as d from raw.users) q": ["case: users.zip > c"],
    "select d from (select case when zip = '1' then 2 end as c, 3 as d from raw.users) q": [],
    "select string_agg(email, ',' order by zip) as e from raw.users": ["order by: users.zip > e"],
    "select count(*) as n from (select distinct zip from raw.users) q": ["distinct: users.zip > all"],
    "select distinct zip from raw.users": [],
    "select count(*) as n from (select zip from raw.users union select order_id from raw.orders) q": [
        "union: orders.order_id > all",
        "union: users.zip > all",
    ],
    "select lower(c) as x, d from (select case when zip = '1' then email end as c, 1 as d from raw.users) q": [
        "case: users.zip > x"
    ],
    "select generate_series(1, amount) as g, 1 as one from raw.orders": ["rows of: orders.amount > all"],
    "select email from raw.users order by zip limit 1": ["order by: users.zip > all"],
    "select k from raw.users, jsonb_object_keys(traits) as k": ["rows of: users.traits > all"],
    "select exists (select 1 from unnest(traits) as i where i = email) as e, 1 as one from raw.users": [
        "rows of: users.traits > e",
        "where: users.email > e",
        "where: users.traits > e",
    ],
}


@pytest.mark.parametrize("sql", INDIRECT)
def test_a_column_decides_without_flowing(sql):
    assert edges(sql, "indirect") == INDIRECT[sql]
    assert edges(sql, "unresolved") == []


UNRESOLVED = {
    "select user_id from raw.users, raw.orders": (
        ["orders.user_id > user_id", "users.user_id > user_id"],
        "user_id is ambiguous: users.user_id, orders.user_id",
    ),
    "select phone from raw.users": (["?.phone > phone"], "no relation in FROM has a column phone"),
    "select u.phone from raw.users u": (["users.phone > phone"], "raw.users has no column phone"),
    "select u.phone from raw.users": (["u.phone > phone"], "u is no relation of FROM"),
    "select email from raw.leads": (["leads.* > all", "leads.email > email"], "raw.leads is not in the schema"),
    "select * from raw.leads": (["leads.* > *"], "raw.leads is not in the schema"),
    "select 1 as one from raw.leads": (["leads.* > all"], "raw.leads is not in the schema"),
    "select zip from raw.users where phone = '1'": (["?.phone > all"], "no relation in FROM has a column phone"),
    "with a as (select phone from raw.users) select 1 as one": (
        ["?.phone > all"],
        "no relation in FROM has a column phone",
    ),
    "select to_jsonb(l) as j from raw.leads l": (
        ["leads.* > j"],
        "raw.leads is not in the schema",
    ),
    "select f.v from read_all() as f(v)": (
        ["read_all().* > v"],
        "the function read_all() in FROM is not known: it may read tables",
    ),
    "select query_to_xml('select * from raw.users', true, true, '') as x": (
        ["query_to_xml().* > x"],
        "the function query_to_xml() is not known: it may read tables",
    ),
    "select told.x from query_to_xml('select * from raw.users', true, true, '') as told (x)": (
        ["query_to_xml().* > x"],
        "the function query_to_xml() in FROM is not known: it may read tables",
    ),
    "select upper(crm.anybody('email')) as e": (
        ["crm.anybody().* > e"],
        "the function crm.anybody() is not known: it may read tables",
    ),
    "select 1 as one from raw.users where crm.is_open()": (
        ["crm.is_open().* > all"],
        "the function crm.is_open() is not known: it may read tables",
    ),
    "with d as (delete from raw.users returning email) select email from d": (
        ["?.* > all", "?.email > email"],
        "a DELETE inside a query is not traced",
    ),
    "select email, zip from raw.users union all select order_id from raw.orders": (
        ["?.* > all"],
        "the branches of a set operation have different numbers of columns",
    ),
    "select zip from raw.users join raw.orders using (amount)": (
        ["users.amount > all"],
        "amount of USING is not a column on one side",
    ),
}


@pytest.mark.parametrize("sql", UNRESOLVED)
def test_what_cannot_be_resolved_is_returned_with_its_reason(sql):
    expected, reason = UNRESOLVED[sql]
    assert edges(sql, "unresolved") == expected
    assert {edge.reason for edge in trace_query(sql, SCHEMA).unresolved} == {reason}


def test_a_relation_that_stands_in_from_twice_keeps_both_sets_of_columns():
    sql = "select * from raw.orders a join raw.users u using (user_id) join raw.orders b on b.order_id = a.order_id"
    columns = trace_query(sql, SCHEMA).columns
    assert columns.count("user_id") == 2
    assert columns.count("amount") == 2


def test_two_tables_of_one_name_are_ambiguous_without_their_schema():
    schema = {"a.t": {"x": "int"}, "b.t": {"x": "int"}}
    assert [edge.reason for edge in trace_query("select x from t", schema).unresolved] == [
        "t is ambiguous: a.t, b.t",
        "t is ambiguous: a.t, b.t",
    ]
    assert edges("select b.t.x from a.t, b.t", "direct", schema) == ["b.t.x > x"]


def test_a_relation_may_be_named_with_its_database():
    assert edges('select email from "warehouse"."raw"."users"', "direct") == ["users.email > email"]


def test_a_schema_may_quote_its_columns():
    schema = {"raw.t": {'"Email"': "text", "email": "text"}}
    trace = trace_query('select "Email" as a from raw.t', schema)
    assert [(edge.source_column, edge.output_column) for edge in trace.edges] == [('"Email"', "a")]


def test_columns_come_in_order_under_the_names_postgresql_gives_them():
    sql = "select email, lower(zip), count(*), zip::int, 1, 'a'::text, case when true then zip end from raw.users"
    names = ("email", "lower", "count", "zip", "?column?", "text", "case")
    assert trace_query(sql, SCHEMA).columns == names


def test_types_are_those_of_columns_and_casts():
    trace = trace_query("select amount, amount::bigint as b, amount + 1 as c from raw.orders", SCHEMA)
    assert trace.types == {"amount": "numeric", "b": "bigint", "c": ""}


def test_outputs_that_no_column_flows_to_are_told_with_their_sql():
    sql = "with a as (select count(*) as n, zip from raw.users group by zip) select n, 1 as one, zip from a"
    assert trace_query(sql, SCHEMA).sourceless == {"n": "count(*)", "one": "1"}
