"""Partitions past their period go as a whole, unread, with one receipt; unless somebody held has a row in them."""

from __future__ import annotations

import json
from datetime import date

import pytest

from lib.retained import YEARS
from privacy_governance import tracing
from privacy_governance.errors import GovernanceError

ON = date(2026, 3, 1)
FILL = """
set local session_replication_role = replica;
drop table if exists raw.screens_2024;
truncate raw.screens, raw.legal_holds, governance.purge_receipts, governance.purge_plans, governance.purge_troubles;
insert into raw.screens (id, user_id, received_at, uuid_ts)
select at::date || '/' || n, 'somebody ' || n, at, at
from unnest(array['2021-02-01', '2022-02-01', '2023-02-01', '2024-02-01', '2026-02-01']::timestamptz []) as at
cross join generate_series(1, 10) as n;
analyze raw.screens;
"""
HOLD = """
insert into raw.legal_holds (hold_id, user_id, starts_on, ends_on) values ('h', 'somebody 3', '2026-01-01', %s)
"""


@pytest.fixture
def filled(retained):
    """Ten screens of each of five years, of ten people; all but those of the last one are past their period."""
    with retained.warehouse.connect("fill") as connection:
        connection.execute(YEARS + FILL)
    return retained


def partitions(filled):
    with filled.undone() as connection:
        return [
            name
            for (name,) in connection.execute(
                "select relid::text from pg_partition_tree('raw.screens') where isleaf order by 1"
            ).fetchall()
        ]


def by_year(filled):
    with filled.undone() as connection:
        return dict(
            connection.execute(
                "select extract(year from received_at)::int, count(*)::int from raw.screens group by 1"
            ).fetchall()
        )


def receipts(filled, night=ON):
    with filled.undone() as connection:
        return connection.execute(
            "select reason, subject_token, redacted_columns, purged_rows::int from governance.purge_receipts"
            " where night = %s and relation = 'raw.screens' order by receipt_id",
            [night],
        ).fetchall()


def nodes(plan):
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def test_partitions_are_dropped_with_a_receipt_each_and_the_rest_is_deleted(filled):
    assert filled.purge(ON, "screens") == 40
    assert partitions(filled) == ["raw.screens_later"]
    assert by_year(filled) == {2026: 10}
    retention = ("retention", None, None, 10)
    assert receipts(filled) == [retention] * 4
    with filled.undone() as connection:
        assert filled.violations(connection, "row_past_retention") == {}
        assert connection.execute(
            "select strategy, planned_rows::int, strategy_reason ~ '3 by their bounds' from governance.purge_plans"
        ).fetchall() == [("drop partition", 40, True)]


def test_a_partition_past_its_date_is_not_read(filled):
    with filled.undone() as connection:
        filled.schedule(connection)
        connection.execute("select governance.prepare_plan()")
        # ten rows are read rather than looked up; as many as make a partition are not
        connection.execute("set local enable_seqscan = off")
        (found,) = connection.execute(
            f"explain (analyze, format json) {filled.sql_of('int_screens__doomed')}"
        ).fetchone()
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    rows = {}
    for node in nodes(plan):
        if node.get("Relation Name", "").startswith("screens") and node["Actual Loops"]:
            met = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            rows[node["Relation Name"]] = rows.get(node["Relation Name"], 0) + met
    assert rows.pop("screens_later") >= 10
    assert set(rows.values()) <= {0}, rows


def test_a_partition_that_holds_a_row_of_somebody_held_stays_and_loses_the_others(filled):
    with filled.warehouse.connect("hold") as connection:
        connection.execute("delete from raw.screens where user_id = 'somebody 3' and received_at <> '2022-02-01'")
        connection.execute(HOLD % f"'{ON}'")
    assert filled.purge(ON, "screens") == 36
    assert partitions(filled) == ["raw.screens_2022", "raw.screens_later"]
    assert by_year(filled) == {2022: 1, 2026: 9}
    with filled.undone() as connection:
        assert filled.violations(connection, "row_past_retention") == {}
    assert filled.purge(date(2026, 3, 2), "screens") == 1
    assert partitions(filled) == ["raw.screens_later"]
    assert receipts(filled, date(2026, 3, 2)) == [("retention", None, None, 1)]


@pytest.mark.parametrize(("until", "is_dropped"), [("2024-03-01", True), ("2024-03-01 00:00:01", False)])
def test_a_partition_goes_unless_its_bound_lies_a_second_after_the_cutoff(filled, until, is_dropped):
    with filled.warehouse.connect("make one more partition") as connection:
        connection.execute(
            "create table raw.screens_2024 partition of raw.screens for values from ('2024-02-15') to"
            f" ('{until}'); insert into raw.screens (id, received_at) values ('old', '2024-02-29 23:59:59');"
        )
        if not is_dropped:
            connection.execute("insert into raw.screens (id, received_at) values ('young', '2024-03-01')")
    assert filled.purge(ON, "screens") == 41
    assert ("raw.screens_2024" in partitions(filled)) is not is_dropped
    assert by_year(filled) == ({2026: 10} if is_dropped else {2024: 1, 2026: 10})


@pytest.mark.parametrize(
    "change",
    ["insert into raw.screens (id, user_id, received_at) values ('late', 'u', '2022-05-01')", HOLD % "null"],
    ids=["a row came", "a hold came"],
)
def test_a_partition_that_is_not_as_planned_any_more_stays_and_the_next_run_plans_anew(filled, change):
    with pytest.raises(GovernanceError, match=r"raw\.screens changed .* Run the night again"):
        filled.purge(ON, "screens", between=change)
    assert "raw.screens_2022" in partitions(filled)
    before = sum(rows for *_, rows in receipts(filled))
    left = sum(by_year(filled).values())
    again = filled.purge(ON, "screens")
    assert sum(by_year(filled).values()) == left - again
    assert sum(rows for *_, rows in receipts(filled)) == before + again
    with filled.undone() as connection:
        assert filled.violations(connection, "row_past_retention") == {}


@pytest.mark.parametrize("is_shown", [True, False])
def test_a_partition_of_which_a_view_shows_a_part_stays_and_loses_its_rows(filled, is_shown):
    with filled.warehouse.connect("divide a year, and show one half") as connection:
        connection.execute(
            "drop table raw.screens_2022;"
            " create table raw.screens_2022 partition of raw.screens"
            " for values from ('2022-01-01') to ('2023-01-01') partition by range (received_at);"
            " create table raw.screens_2022_h1 partition of raw.screens_2022"
            " for values from ('2022-01-01') to ('2022-07-01');"
            " insert into raw.screens (id, received_at) values ('old', '2022-03-01'), ('older', '2022-02-01')"
        )
        if is_shown:
            connection.execute("create view public.shown as select * from raw.screens_2022_h1")
    try:
        assert filled.purge(ON, "screens") == 32
        assert partitions(filled) == ["raw.screens_2022_h1"] * is_shown + ["raw.screens_later"]
        assert by_year(filled) == {2026: 10}
    finally:
        with filled.warehouse.connect("show it no more") as connection:
            connection.execute("drop view if exists public.shown; drop table if exists raw.screens_2022")


def test_the_purge_of_a_partitioned_table_is_traced(filled):
    target = filled.checkout.settings.dbt_project / "target"
    assert tracing.trace(filled.warehouse, target).unresolved == 0
