"""Retention beside plain SQL: a night with nothing expired, 0.1 % of two tables, a partition.

Run by hand: python tests/benchmarks/bench_retention.py [ROWS], ROWS of both tables together (10,000,000). Once with
rows that lie in the order of time, as events come: plain SQL deletes the oldest from a few pages, and what a night
costs whatever it deletes is all there is to see. Once with rows in no order, as after a reload, and plain indexes on
their times: each lies on a page of its own.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lib.databases import fresh_database
from lib.retained import ON, retained_in, session_of
from privacy_governance import retention
from privacy_governance.warehouse.embedded import embedded_server

# 90.1 days before the night ends the address of a thousandth of the rows; 720 days hold all of them
FILL = """
insert into raw.{table} (id, user_id, received_at, uuid_ts, context_ip, context_user_agent, anonymous_id)
select '{table} ' || n, 'u ' || n % 99991, at, at + interval '6 hours',
    case when at >= timestamptz '2026-03-01' - interval '90 days' - interval '720 days' * 0.001 then '198.18.0.1' end,
    'Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Firefox/133.0', md5(n::text)
from (
    select n, timestamptz '2026-03-01' - interval '720 days' * (({rows} - n) / {rows}::float8) as at
    from generate_series(1, {rows}) as n
) as placed
order by {place}
"""
LAYOUTS = {"in the order of time": "n", "in no order": "hashint4(n)"}
TABLES = ("pages", "tracks")
EXPIRING = "received_at >= timestamptz '2026-03-01' - interval '90 days' - interval '720 days' * 0.001"
EXPIRED = "received_at < timestamptz '2026-03-01' - interval '90 days'"


def timed(work):
    started = time.monotonic()
    outcome = work()
    return time.monotonic() - started, outcome


# the files of a table and of its indexes, 64 MB at a time
READ = """
select sum(length(pg_read_binary_file(
    pg_relation_filepath(oid) || case when piece >= 16 then '.' || piece / 16 else '' end,
    piece %% 16 * 67108864, 67108864
)))
from pg_class
cross join lateral generate_series(0, (pg_relation_size(oid) - 1) / 67108864) as piece
where oid = %(relation)s::regclass
    or oid in (select indexrelid from pg_index where indrelid = %(relation)s::regclass)
"""


def settle(warehouse, *relations):
    """Write what is dirty, or whoever runs next waits for the disk to catch up with whoever ran before.

    And read each of `relations` once: the system has in memory what was filled last, and may not have the others.
    """
    with warehouse.connect("settle", autocommit=True) as connection:
        connection.execute("checkpoint")
        for relation in relations:
            connection.execute(READ, {"relation": relation})


def night_of(retained, on, *tables):
    with retained.warehouse.connect("schedule", session=session_of(on)) as connection:
        retained.schedule(connection)  # as dbt does, before the purge
    settle(retained.warehouse, *(f"raw.{table}" for table in tables if table in TABLES))
    return timed(lambda: retained.carry_out(on, *tables))


def pages_read(plan, table):
    if plan.get("Relation Name") == table:
        return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
    return sum(pages_read(child, table) for child in plan.get("Plans", ()))


def probe(retained, table):
    """Seconds and pages of the relation that a night with nothing expired reads, and pages it has."""
    with retained.undone() as connection:
        seconds, (found,) = timed(
            lambda: connection.execute(
                f"explain (analyze, buffers, format json) {retained.sql_of(f'int_{table}__doomed')}"
            ).fetchone()
        )
        (pages,) = connection.execute("select pg_relation_size(%s) / 8192", [f"raw.{table}"]).fetchone()
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return seconds, pages_read(plan, table), pages


def batch_rows(retained):
    """Rows of a batch as the project has them; the tests' are so small that they have several."""
    models = retained.manifest.models
    return next(model.meta["batch_rows"] for model in models if model.name == f"int_{TABLES[0]}__doomed")


def fill(warehouse, table, rows, layout):
    with warehouse.connect("fill", autocommit=True) as connection:
        connection.execute(FILL.format(table=table, rows=rows, place=LAYOUTS[layout]))
        if layout == "in no order":
            # the demo's BRIN tells nothing of them
            connection.execute(f"create index on raw.{table} (received_at)")
            connection.execute(f"create index on raw.{table} (uuid_ts)")
        # for tombstones, whose owners are looked for in the same statement
        connection.execute(f"create index on raw.{table} (anonymous_id)")
        connection.execute(f"vacuum (analyze) raw.{table}")


def plain(warehouse, table, statement):
    """Seconds of one statement over the copy of a table by itself, in a transaction of its own."""
    settle(warehouse, f"raw.plain_{table}")
    with warehouse.connect("plain SQL", autocommit=True) as connection:
        return timed(lambda: connection.execute(statement).rowcount)


def main(rows):
    for layout in LAYOUTS:
        measure(rows, layout)


def measure(rows, layout):
    with (
        tempfile.TemporaryDirectory() as place,
        embedded_server(Path(place) / "server") as url,
        fresh_database(url) as warehouse,
    ):
        retained = retained_in(Path(place), warehouse)
        retained = replace(retained, batch_rows=batch_rows(retained))
        each = rows // len(TABLES)
        for table in TABLES:
            fill(warehouse, table, each, layout)
            with warehouse.connect("copy", autocommit=True) as connection:
                connection.execute(f"create table raw.plain_{table} (like raw.{table} including indexes)")
                connection.execute(f"insert into raw.plain_{table} select * from raw.{table} order by ctid")
                connection.execute(f"vacuum (analyze) raw.plain_{table}")
        # what a night before looked at, and left: only the last thousandth is new
        with warehouse.connect("as if it was looked at", session=session_of(ON)) as connection:
            retained.schedule(connection)
            retention.remember(connection)
            connection.execute(
                "update governance.column_expiries set expired_until = expired_until - interval '720 days' * 0.001"
            )
        print(f"{rows:,} rows in {len(TABLES)} tables, {layout}; plain SQL beside it")
        taken, purged = night_of(retained, ON, *TABLES)
        peer = [
            plain(warehouse, t, f"update raw.plain_{t} set context_ip = null where {EXPIRING} and {EXPIRED}")
            for t in TABLES
        ]
        peer_seconds, peer_rows = sum(s for s, _ in peer), sum(n for _, n in peer)
        assert purged == peer_rows, (purged, peer_rows)
        print(
            f"redact {purged:,} rows: ours {taken:.2f} s, UPDATE {peer_seconds:.2f} s, ratio {taken / peer_seconds:.2f}"
        )
        for table in TABLES:
            seconds, read, pages = probe(retained, table)
            print(f"nothing expired, raw.{table}: {seconds * 1000:.0f} ms, {read:,} of {pages:,} pages read")
        again, rows_again = night_of(retained, ON, *TABLES)
        print(f"the night again: {rows_again} rows, {again:.2f} s")
        # rows: as if the rule were shorter by a thousandth of the table
        with warehouse.connect("shorter", session=session_of(ON)) as connection:
            connection.execute(
                "update governance.retention_rules set period = interval '720 days' * 0.999"
                " where column_name is null and relation is null and period >= interval '13 months'"
            )
        cutoff = "received_at < (timestamp '2026-03-01' - interval '720 days' * 0.999) at time zone 'UTC'"
        taken, purged = night_of(retained, ON, *TABLES)
        peer = [plain(warehouse, t, f"delete from raw.plain_{t} where {cutoff}") for t in TABLES]
        peer_seconds, peer_rows = sum(s for s, _ in peer), sum(n for _, n in peer)
        assert purged == peer_rows, (purged, peer_rows)
        print(
            f"delete {purged:,} rows: ours {taken:.2f} s, DELETE {peer_seconds:.2f} s, ratio {taken / peer_seconds:.2f}"
        )
        with retained.warehouse.connect("make a partition") as connection:
            connection.execute(PARTITION)
        with retained.warehouse.connect("vacuum it, as it was years ago", autocommit=True) as connection:
            connection.execute("vacuum (analyze) raw.screens_old")
        counted, dropped = drop(retained)
        print(f"a partition of 1,000,000 rows by itself: counted {counted:.3f} s; lock, count, drop {dropped:.3f} s")
        taken, purged = partition(retained)
        print(f"a night that drops a partition of {purged:,} rows: {taken:.2f} s, plan, receipt and memory included")


PARTITION = """
alter table raw.screens rename to screens_before;
create table raw.screens (like raw.screens_before) partition by range (received_at);
create table raw.screens_old partition of raw.screens for values from ('2021-01-01') to ('2022-01-01');
create table raw.screens_new partition of raw.screens for values from ('2026-01-01') to ('2027-01-01');
insert into raw.screens (id, user_id, received_at, uuid_ts)
select n::text, 'u ' || n % 99991, at, at
from generate_series(1, 1000000) as n
cross join lateral (select timestamptz '2021-01-01' + n * interval '30 seconds' as at) as placed;
create index on raw.screens (user_id);
create index on raw.screens (anonymous_id);
create index on raw.screens (context_device_id);
create index on raw.screens (context_device_advertising_id);
"""


PLANNED = """
create table intermediate.int_bench__doomed as
select 'raw.screens_old'::regclass::oid as relation_id, null::tid as row_id, null::text [] as redacted_columns,
    'retention' as reason, 1::bigint as planned_rows, null::text as held_digest;
create temporary table purged_rows (
    reason text, subject_token text, request_id text, redacted_columns text [], purged_rows bigint
)
"""


def drop(retained):
    """Seconds of counting a partition for its plan, and of dropping it as a night does; it is there again after."""
    with retained.undone() as connection:
        connection.execute(PLANNED)
        counted, _ = timed(
            lambda: connection.execute("select governance.count_planned_partitions('intermediate.int_bench__doomed')")
        )
        (rows,) = connection.execute("select planned_rows from intermediate.int_bench__doomed").fetchone()
        dropped, (gone,) = timed(
            lambda: connection.execute(
                "select governance.drop_past_partition('intermediate.int_bench__doomed', 'raw.screens_old', %s,"
                " 'raw.screens', repeat('0', 64))",
                [rows],
            ).fetchone()
        )
        assert gone == rows == 1_000_000
        return counted, dropped


def partition(retained):
    """Seconds in which a partition of 1,000,000 rows past its date goes; dropping it is a part of them."""
    # all of the table goes, which a person would have to approve
    models = tuple(
        replace(model, config={**model.config, "meta": {**model.meta, "purge_limit": 1.0}})
        for model in retained.manifest.models
    )
    return night_of(replace(retained, manifest=replace(retained.manifest, models=models)), ON, "screens")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
