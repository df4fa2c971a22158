"""Detection on a real warehouse: every shape of relation, in one bounded scan."""

from __future__ import annotations

import pytest

from privacy_governance.detection import classify
from privacy_governance.detection.sampling import MAXIMUM_CELLS, take
from privacy_governance.errors import WarehouseError


def execute(warehouse, *statements):
    with warehouse.connect("prepare a test") as connection:
        for statement in statements:
            connection.execute(statement)


def found(warehouse, relation, **options):
    return {(row.column, row.path): row.kind for row in classify(warehouse, [relation], **options) if row.is_decided}


PEOPLE = """
    create table people as
    select (100 + i) || '-12-' || (1000 + i) as id, 'user' || i || '@example.com' as a, null::text as email,
           null::text as nothing, i as ip_count, now() as email_sent_at, ('203.0.113.' || i % 250)::inet as b,
           4111111111111111 as n, date '1984-02-29' as birthday, 'gold' as name_of_plan
    from generate_series(1, 200) i
"""


def test_values_and_names_are_found_in_a_table(warehouse):
    execute(warehouse, PEOPLE)
    assert found(warehouse, "people") == {
        ("id", ""): "ssn",
        ("a", ""): "email",
        ("email", ""): "email",
        ("b", ""): "ip",
        ("birthday", ""): "birth_date",
    } | {("n", ""): "card_number"}


def test_every_column_gets_a_suggestion_and_null_ones_are_undecided(warehouse):
    execute(warehouse, PEOPLE)
    rows = {row.column: row for row in classify(warehouse, ["people"])}
    assert set(rows) == {
        "id",
        "a",
        "email",
        "nothing",
        "ip_count",
        "email_sent_at",
        "b",
        "n",
        "birthday",
        "name_of_plan",
    }
    assert (rows["nothing"].kind, rows["nothing"].pi_kind) == ("undecided", None)
    assert (rows["nothing"].evidence.sampled, rows["nothing"].evidence.non_null) == (200, 0)


def test_documents_arrays_and_composites_are_looked_into(warehouse):
    execute(
        warehouse,
        "create type contact as (email text, n int)",
        """
        create table events as
        select jsonb_build_object('device', jsonb_build_object('advertisingId', gen_random_uuid()), 'z', i)
                   as context,
               json_build_object('user' || i || '@example.com', i) as seen,
               array['user' || i || '@example.com'] as list,
               row('user' || i || '@example.com', i)::contact as pair,
               '{"ip": "203.0.113.9"}' as texted
        from generate_series(1, 50) i
        """,
    )
    assert found(warehouse, "events") == {
        ("context", "$.device.advertisingId"): "advertising_id",
        ("seen", "$.* (key)"): "email",
        ("list", "$[*]"): "email",
        ("pair", "$.email"): "email",
        ("texted", "$.ip"): "ip",
    }


def test_json_that_jsonb_refuses_is_read(warehouse):
    execute(warehouse, """create table odd as select '{"email": "a\\u0000@example.com"}'::json as body""")
    assert ("body", "$.email") in found(warehouse, "odd")


@pytest.mark.parametrize("kind", ["view", "materialized view"])
def test_views_are_sampled(warehouse, kind):
    execute(warehouse, PEOPLE, f"create {kind} seen as select * from people")
    assert found(warehouse, "seen")["id", ""] == "ssn"


def test_a_partitioned_table_is_sampled(warehouse):
    execute(
        warehouse,
        "create table parts (k int, note text) partition by list (k)",
        "create table parts_1 partition of parts for values in (1)",
        "create table parts_2 partition of parts for values in (2)",
        "insert into parts select 2, 'user' || i || '@example.com' from generate_series(1, 100) i",
    )
    assert found(warehouse, "parts") == {("note", ""): "email"}


def test_quoted_and_mixed_case_names_are_reached(warehouse):
    execute(
        warehouse,
        'create schema "My Raw"',
        """
        create table "My Raw"."T.1" as select 'a@example.com' as "E ""Mail"" %s" from generate_series(1, 9)
        """,
    )
    assert found(warehouse, '"My Raw"."T.1"') == {('E "Mail" %s', ""): "email"}


def test_an_empty_table_is_judged_by_name(warehouse):
    execute(warehouse, "create table none_yet (email text, colour text)")
    assert found(warehouse, "none_yet") == {("email", ""): "email"}


def test_a_table_without_columns_has_no_suggestion(warehouse):
    execute(warehouse, "create table bare ()")
    assert classify(warehouse, ["bare"]) == []


def test_a_domain_counts_as_its_base_type(warehouse):
    execute(
        warehouse,
        "create domain flag as boolean",
        "create domain mail as text",
        "create table d as select true::flag as phone, 'a@example.com'::mail as x from generate_series(1, 9)",
    )
    assert found(warehouse, "d") == {("x", ""): "email"}


def test_a_dropped_column_is_gone(warehouse):
    execute(warehouse, PEOPLE, "alter table people drop column a")
    assert ("a", "") not in found(warehouse, "people")


def test_sixteen_hundred_columns_are_read_within_the_bound(warehouse):
    columns = ", ".join(f"c{n} text" for n in range(1599))
    execute(
        warehouse,
        f"create table wide (email_address text, {columns})",
        "insert into wide (email_address, c1598) select 'a@example.com', 'b@example.com' from generate_series(1, 500)",
    )
    assert found(warehouse, "wide") == {("email_address", ""): "email", ("c1598", ""): "email"}
    with warehouse.connect("sample") as connection:
        sample = take(connection, "wide", rows=2000, seed=1)
    assert sample.rows * len(sample.columns) <= MAXIMUM_CELLS


LARGE = """
    create table large as
    select i as k, case when i > 599000 then 'user' || i || '@example.com' end as late, md5(i::text) as digest
    from generate_series(1, 600000) i
"""


def test_a_large_table_gives_no_more_rows_than_asked_and_the_same_again(warehouse):
    execute(warehouse, LARGE, "analyze large")
    with warehouse.connect("sample") as connection:
        first, second = (take(connection, "large", rows=400, seed=3) for _ in range(2))
    assert 200 <= first.rows <= 400
    assert first == second


@pytest.mark.parametrize("analyzed", ["analyze large", "select 1"])
def test_a_column_that_was_filled_only_yesterday_is_found(warehouse, analyzed):
    execute(warehouse, LARGE, analyzed)
    assert found(warehouse, "large", sample_rows=400) == {("late", ""): "email"}


def test_a_large_table_is_not_scanned(warehouse):
    execute(warehouse, LARGE, "analyze large")
    with warehouse.connect("count what a sample reads") as connection:
        take(connection, "large", rows=400, seed=1)
        connection.execute("select pg_stat_force_next_flush()")
        connection.commit()
        read = connection.execute("select seq_tup_read from pg_stat_user_tables where relname = 'large'").fetchone()[0]
    assert 0 < read < 600_000 / 4


def test_nothing_is_written(warehouse):
    execute(
        warehouse,
        PEOPLE,
        "create function leave_a_mark() returns text language sql as "
        "$$ insert into people default values returning a $$",
        "create view marking as select leave_a_mark() as email",
    )
    with pytest.raises(WarehouseError, match="25006"):
        classify(warehouse, ["marking"])


def test_a_missing_relation_is_named_with_the_fix(warehouse):
    with pytest.raises(WarehouseError, match=r"no table or view raw\.gone"):
        classify(warehouse, ["raw.gone"])


def test_an_error_repeats_no_value(warehouse):
    execute(warehouse, PEOPLE, "create view broken as select a::int as n from people")
    with pytest.raises(WarehouseError) as caught:
        classify(warehouse, ["broken"])
    assert "@" not in str(caught.value)
