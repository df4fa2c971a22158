"""What a night reads: a probe of an index where nothing newly expired, and rows touched = rows newly expired."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest

ON = date(2026, 3, 1)
FILL = """
insert into raw.{table} (id, user_id, received_at, uuid_ts, context_ip, context_user_agent)
select '{table} ' || n, 'u ' || n % 997, at, at + interval '6 hours',
    case when at >= timestamptz '2026-03-01' - interval '90 days' then '198.18.0.1' end, repeat('x', 100)
from (
    select n, timestamptz '2026-02-28 12:00' - n * interval '20 minutes' as at from generate_series(1, 40000) as n
) as placed
order by {place}
"""


@pytest.fixture(scope="module")
def filled(retained):
    """40,000 page views of 18 months in the order of time, and as many tracks in none, governed up to this night."""
    with retained.warehouse.connect("fill", autocommit=True) as connection:
        connection.execute(FILL.format(table="pages", place="at"))
        connection.execute(FILL.format(table="tracks", place="hashint4(n)"))
        # the demo's BRIN tells nothing of rows in no order
        connection.execute("create index on raw.tracks (received_at)")
        connection.execute("create index on raw.tracks (uuid_ts)")
        connection.execute("vacuum analyze raw.pages, raw.tracks")
    assert retained.purge(ON, "pages", "tracks") == 0
    return retained


def pages_read(plan, table):
    """Pages of `table` that a plan read, found in memory or not, as often as it read them."""
    if plan.get("Relation Name") == table:
        return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return sum(pages_read(child, table) for child in plan.get("Plans", ()))


@pytest.mark.parametrize("table", [pytest.param("pages", id="in time"), pytest.param("tracks", id="in no order")])
def test_a_night_with_nothing_newly_expired_probes_an_index(filled, table):
    with filled.undone() as connection:
        # of tables as small as these a bitmap of two indexes hides that one of them would read all rows
        connection.execute(f"set enable_bitmapscan = {'on' if table == 'pages' else 'off'}")
        (found,) = connection.execute(
            f"explain (analyze, buffers, format json) {filled.sql_of(f'int_{table}__doomed')}"
        ).fetchone()
        (pages,) = connection.execute(
            "select relpages from pg_class where oid = %s::regclass", [f"raw.{table}"]
        ).fetchone()
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    assert pages > 500
    assert pages_read(plan, table) < pages / 4, pages_read(plan, table)


def test_a_night_touches_what_newly_expired_and_the_second_run_of_it_nothing(filled):
    night = ON + timedelta(days=1)
    # an event of each table every 20 minutes
    assert filled.purge(night, "pages", "tracks") == 2 * 72
    assert filled.purge(night, "pages", "tracks") == 0
    with filled.undone(night) as connection:
        receipts = connection.execute(
            "select redacted_columns, purged_rows, subject_token from governance.purge_receipts where night = %s",
            [night],
        ).fetchall()
        assert receipts == 2 * [(["context_ip"], 72, None)]
        assert filled.violations(connection, "row_past_retention") == {}


def test_a_night_that_was_killed_before_it_remembered_finds_its_rows_done(filled):
    night = ON + timedelta(days=2)
    with filled.warehouse.connect("look") as connection:
        before = connection.execute("select * from governance.column_expiries order by 1, 2").fetchall()
    assert filled.purge(night, "pages", "tracks") == 2 * 72
    with filled.warehouse.connect("forget what it remembered") as connection:
        connection.execute("delete from governance.column_expiries")
        connection.cursor().executemany(
            "insert into governance.column_expiries values (%s, %s, %s, %s, %s, %s, %s)", before
        )
    assert filled.purge(night, "pages", "tracks") == 0


def test_a_generalized_value_gets_a_receipt_that_says_so(filled):
    old = datetime(2025, 1, 1, tzinfo=UTC)
    with filled.warehouse.connect("call") as connection:
        connection.execute(
            "insert into raw.identifies (id, user_id, received_at, uuid_ts, address_postal_code) values"
            " ('call', 'u', %s, %s, '90210')",
            [old, datetime(2026, 3, 3, tzinfo=UTC)],
        )
    assert filled.purge(ON, "identifies") == 1
    with filled.undone() as connection:
        assert connection.execute("select address_postal_code from raw.identifies").fetchall() == [("902",)]
        assert connection.execute(
            "select redacted_columns from governance.purge_receipts where relation = 'raw.identifies'"
        ).fetchall() == [(["address_postal_code (generalized)"],)]
        assert filled.doomed(connection, "identifies") == {}


def nodes_of(plan):
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes_of(child)


def test_what_no_index_finds_is_looked_for_by_several_processes(filled):
    with filled.undone() as connection:
        for setting in ("parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size"):
            connection.execute(f"set {setting} = 0")
        for way in ("indexscan", "bitmapscan", "indexonlyscan"):
            connection.execute(f"set enable_{way} = off")
        (found,) = connection.execute(f"explain (format json) {filled.sql_of('int_pages__doomed')}").fetchone()
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    # each process joins the rows that it reads: to hand all of them to one would take longer than to read them
    gathered = [{node.get("Relation Name") for node in nodes_of(each)} for each in nodes_of(plan) if is_gather(each)]
    assert any({"pages", "int_identifiers__tombstoned_now"} <= relations for relations in gathered)


def is_gather(node):
    return node["Node Type"].startswith("Gather")
