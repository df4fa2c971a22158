"""A purge beside the best plain SQL for the same rows: python tests/benchmarks/bench_purge.py URL [rows].

Two tables of `rows` (10,000,000) rows, a tenth as many subjects, on the PostgreSQL at URL; with a subject index, then
without. Ours is all of it: matching tombstones, plan, digest, deletion in batches, receipts, verification; but for the
start of dbt; two relations at a time, as dbt's threads do. Plain is the better of DELETE ... USING and of a parallel
SELECT of ctids with a DELETE by ctid; it knows its subjects already and writes no receipts. Pauses are no work and are
left out: config.meta.pause_share (0.05) of each batch's time, where there are several. Each share deletes other
subjects; medians of 3 up to 1 %, one run beyond. Before each run the tables are vacuumed and what is dirty is written:
whoever comes after a large DELETE pays for marking its rows as dead, and for the disk's catching up with it.

While ours runs, a session a table reads a row of it and one loads a row, twenty times a second: the longest that each
had to wait is shown beside (limits: 1 s, and one batch).
"""

from __future__ import annotations

import statistics
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from lib.databases import fresh_database
from lib.purges import FINGERPRINTS, LIMITS, NIGHT, SESSION, TinyPurge
from privacy_governance.warehouse.bootstrap import bootstrap

TABLES = ("raw.tracks", "raw.pages")
THREADS = 2  # dbt_project/profiles.yml
SHARES = {0.0001: 3, 0.001: 3, 0.01: 3, 0.1: 1, 0.3: 1}
ARRANGE = """
create table intermediate.int_identifiers__held (identifier_kind text, identifier text);
create table intermediate.int_columns__unread (
    relation text, cutoff timestamptz, read_from timestamptz, loaded_from timestamptz
);
create table governance.deletion_exceptions (relation text, column_name text, expires_on date);
insert into intermediate.int_identifiers__tokenized
select 'user_id', 'user ' || i, token, left(token, 32)::uuid
from (
    select i, encode(sha256(convert_to(i::text, 'UTF8')), 'hex') as token from generate_series(1, %(subjects)s) as i
) as tokens;
insert into governance.deletion_requests (
    request_id, regulation_type, received_at, confirm_by, due_on, state
) values ('request', 'SUPPRESS_WITH_DELETE', now(), now(), now(), 'tombstoned');
create view intermediate.int_identifiers__tombstoned as
select found.identifier_kind, found.identifier, t.tombstone_id, t.subject_token, t.request_id, t.doomed_from,
    t.doomed_until
from governance.tombstones as t
inner join intermediate.int_identifiers__tokenized as found on t.identifier_token = found.ledger_token
where not exists (
    select 1 from intermediate.int_identifiers__held as held
    where held.identifier_kind = found.identifier_kind and held.identifier = found.identifier
)
offset '0';
analyze
"""
FILL = """
create table {table} as
select i as id, 'user ' || (1 + (i * 7919::bigint) %% {subjects}) as user_id,
    'anonymous ' || i %% 1000 as anonymous_id, timestamptz '2026-01-01' + i * interval '1 second' as received_at,
    'event ' || i %% 50 as event, repeat('x', 40) as note
from generate_series(1, {rows}) as i
"""
# what dbt compiles of doomed_source_rows for one table with a subject_key and a clock
EXCEPTED = """select 1 from governance.deletion_exceptions as exception
where exception.relation = '{relation}' and exception.expires_on >= current_setting('governance.night')::date"""
EXCEPTED_BY_REQUEST = """select exception.request_id from intermediate.honoured_exceptions_now as exception
where exception.relation = '{relation}'"""
SOMEBODY = """select 1 from intermediate.int_identifiers__tombstoned_now as anybody
where anybody.identifier_kind = 'user_id'"""
SELECT = f"""
select kept.tableoid as relation_id, kept.ctid as row_id, kept.xmin as row_version, null as owner_kind,
    null as owner, subject.tombstone_id, 'tombstone' as reason, null::text [] as redacted_columns
from {{relation}} as kept
inner join intermediate.int_identifiers__tombstoned_now as subject
    on subject.identifier_kind = 'user_id' and kept.user_id = subject.identifier
where exists ({SOMEBODY})
    and coalesce(kept.received_at, '-infinity') >= subject.doomed_from
    and coalesce(kept.received_at, '-infinity') < subject.doomed_until
    and not exists ({EXCEPTED})
    and not coalesce(subject.request_id = any(array({EXCEPTED_BY_REQUEST})), false)
union all
select kept.tableoid, kept.ctid, kept.xmin, null, null, subject.tombstone_id, 'tombstone', redaction.columns
from {{relation}} as kept
inner join intermediate.int_identifiers__tombstoned_now as subject
    on subject.identifier_kind = 'user_id' and kept.user_id = subject.identifier
cross join lateral (select array(select 'note' where subject.request_id is not null) as columns) as redaction
where exists ({SOMEBODY})
    and coalesce(kept.received_at, '-infinity') >= subject.doomed_from
    and coalesce(kept.received_at, '-infinity') < subject.doomed_until
    and (kept.note is not null and 'note' = any(redaction.columns))
    and (exists ({EXCEPTED}) or exists ({EXCEPTED_BY_REQUEST}))
    and (exists ({EXCEPTED}) or exists ({EXCEPTED_BY_REQUEST} and exception.request_id = subject.request_id))
"""


class LargePurge(TinyPurge):
    """The same purge over the large tables."""

    @property
    def manifest(self):
        tiny = super().manifest
        models = (replace(m, sql=SELECT.format(relation=m.config["relation"])) for m in tiny.models)
        return replace(tiny, models=tuple(models))

    def run(self, command, *names):
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(lambda name: TinyPurge.run(self, command, name), names))


def seconds(work):
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


READ = "select 1 from {table} limit 1"
LOAD = "insert into {table} (id, user_id, received_at) values (0, 'somebody new', now())"


@contextmanager
def others(warehouse):
    """Let others read and load meanwhile; yields the longest that a statement of each took, in seconds."""
    longest, stop = {READ: 0.0, LOAD: 0.0}, threading.Event()

    def go_on(table, statement):
        with warehouse.connect("what others do", autocommit=True) as connection:
            connection.execute("set synchronous_commit = off")  # a lock's wait is asked for, not the disk's
            while not stop.wait(0.05):
                longest[statement] = max(
                    longest[statement], seconds(lambda: connection.execute(statement.format(table=table)))
                )

    with ThreadPoolExecutor(len(TABLES) * len(longest)) as pool:
        running = [pool.submit(go_on, table, statement) for table in TABLES for statement in longest]
        try:
            yield longest
        finally:
            stop.set()
        for each in running:
            each.result()


def ours(purge, people):
    """Seconds of a night of its own: what others purged is not among its receipts."""
    nights = purge.execute("select count(distinct night)::int from governance.purge_receipts")[0][0]
    purge = replace(purge, night=(date.fromisoformat(NIGHT) + timedelta(days=nights)).isoformat())
    purge.execute(
        "truncate governance.tombstones, governance.purge_plans; insert into governance.tombstones"
        " (identifier_token, identifier_kind, subject_token, request_id, tombstoned_on)"
        " select t, 'user_id', t, 'request', now()"
        " from (select encode(sha256(convert_to(i::text, 'UTF8')), 'hex') as t"
        f" from generate_series({people[0]}, {people[-1]}) as i) as tokens"
    )
    return seconds(purge.purge)


def plain(purge, people, way):
    purge.execute(
        "drop table if exists public.people; create table public.people as"
        f" select 'user ' || i as user_id from generate_series({people[0]}, {people[-1]}) as i; analyze public.people"
    )

    def delete():
        for table in TABLES:
            if way == "using":
                purge.execute(f"delete from {table} as t using public.people as p where t.user_id = p.user_id")
            else:
                purge.execute(
                    f"create unlogged table public.doomed_rows as select t.ctid as row_id from {table} as t"
                    " inner join public.people as p on t.user_id = p.user_id"
                )
                purge.execute(
                    f"analyze public.doomed_rows; delete from {table} as t using public.doomed_rows as d"
                    " where t.ctid = d.row_id; drop table public.doomed_rows"
                )

    return seconds(delete)


def settle(warehouse):
    """Leave neither dead rows nor dirty pages to whoever runs next."""
    with warehouse.connect("settle", autocommit=True) as connection:
        for table in TABLES:
            connection.execute(f"vacuum (analyze) {table}")
        connection.execute("checkpoint")


def measure(purge, subjects):
    used = 1
    for share, runs in SHARES.items():
        times = {"ours": [], "using": [], "ctid": []}
        waits = {READ: 0.0, LOAD: 0.0}
        count = max(1, round(subjects * share))
        # three ways of 30 % would leave nothing of the table
        ways = ("using", "ours", "ctid") if share < 0.1 else ("using", "ours")
        for run in range(runs):
            for way in ways if run % 2 == 0 else reversed(ways):
                people = range(used, used + count)
                used += count
                settle(purge.warehouse)
                if way != "ours":
                    times[way].append(plain(purge, people, way))
                    continue
                with others(purge.warehouse) as longest:
                    times[way].append(ours(purge, people))
                waits = {kind: max(waits[kind], longest[kind]) for kind in waits}
        medians = {way: statistics.median(found) for way, found in times.items() if found}
        best = min(found for way, found in medians.items() if way != "ours")
        shown = "".join(f"{medians.get(way, float('nan')):>10.2f}" for way in ("ours", "using", "ctid"))
        ratio = f"{medians['ours'] / best:>8.2f}"
        print(f"{share:>8.2%}{shown}{ratio}{waits[READ]:>10.3f}{waits[LOAD]:>10.3f}", flush=True)


def main(url, rows):
    subjects = rows // 10
    with fresh_database(url) as warehouse:
        bootstrap(warehouse, fingerprints=FINGERPRINTS)
        limits = LIMITS | {"purge_limit": 1.0, "batch_rows": 3_000_000, "pause_share": 0}
        purge = LargePurge(warehouse, relations=TABLES, limits=limits)
        with warehouse.connect("arrange", session=SESSION) as connection:
            connection.execute("set client_min_messages = error")
            connection.execute(ARRANGE.replace("%(subjects)s", str(subjects)))
        for index in (True, False):
            for table in TABLES:
                purge.execute(f"drop table if exists {table}")
                purge.execute(FILL.format(table=table, rows=rows, subjects=subjects).replace("%%", "%"))
                if index:
                    purge.execute(f"create index on {table} (user_id)")
            print(f"\n{rows:,} rows a table, {'with' if index else 'without'} a subject index; seconds")
            print(f"{'share':>8}{'ours':>10}{'using':>10}{'ctid':>10}{'ratio':>8}{'reader':>10}{'loader':>10}")
            measure(purge, subjects)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10_000_000)
