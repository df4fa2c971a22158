"""What a release costs on its first night and on later ones, beside copying its tables: bench_releases.py [PEOPLE].

dbt builds the tables, as it does in a night; its own start is left out.

Ten rows a subject, in the order in which they arrived, with an index on that time; people are released as 5,000
classes. The second night has 1% newcomers, one closed week more, and 20 deletions. The third has nothing new.

Tokens alone, first: two columns of the rows, copied as they are, with a token made for each row, and with those that
are made once a subject.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lib.checkouts import KEY, SALT, check_out
from lib.databases import fresh_database
from privacy_governance import publishing, releasing, rotating
from privacy_governance.keys import Keys
from privacy_governance.manifest import Manifest, Model
from privacy_governance.settings import Settings
from privacy_governance.transformations import Transformations
from privacy_governance.warehouse.bootstrap import bootstrap
from privacy_governance.warehouse.embedded import embedded_server

PEOPLE = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
WEEKS = 20
ON = date(2026, 3, 16)
TABLES = ("research_users", "research_events")
MODELS = ("int_subjects__tokenized", "int_members__departing", "int_periods__closed", *TABLES)
MODELS += ("int_research_users__doomed", "int_research_events__doomed")
# where the compiled models read the raw tables, of which there are none here
NOBODY = "select null::text as subject_id"
BY_ROW = """select encode(sha256(
    (select decode(current_setting('governance.research_opad'), 'hex'))
    || sha256((select decode(current_setting('governance.research_ipad'), 'hex')) || convert_to(user_id, 'UTF8'))
), 'hex') as subject_token, event_name from public.happenings"""
ONCE = "select subject_token, event_name from intermediate.int_events__surviving"
SOURCE = f"""
create table public.people as
select
    n::text as user_id, 'C' || n %% 50 as country_code,
    (array['free', 'pro', 'team', 'gone', 'trial'])[1 + n %% 5] as plan, 18 + (n / 7) %% 50 as age_years,
    n %% 3 = 0 as is_marketing_opted_in, n <= {PEOPLE} as is_here
from generate_series(1, {PEOPLE * 101 // 100}) as n;
create table public.happenings as
select n::text as user_id, 'event ' || (n + w) %% 4 as event_name,
    timestamptz '2026-03-02 01:00' - w * interval '7 days' as received_at
from generate_series(-1, {WEEKS - 1}) as w inner join generate_series(1, {PEOPLE * 101 // 100}) as n on (n + w) %% 2 = 0
order by w desc;
create index on public.happenings (received_at);
create table governance.retention_rules (relation text, period interval, effective_from date, effective_until date);
insert into governance.retention_rules values ('research.research_events', interval '24 months', null, null);
create view staging.stg_segment__users as select user_id from public.people where is_here;
create view intermediate.int_subjects__surviving as
select subject_id, research_token from intermediate.int_subjects__tokenized
where not exists (select from public.people where user_id = subject_id and not is_here);
create view intermediate.int_users__surviving as
select research_token as subject_token, people.* from public.people
inner join intermediate.int_subjects__surviving on user_id = subject_id;
create view intermediate.int_subjects__tombstoned as
select subject_id, research_token, subject_id::bigint as tombstone_id, ledger_token as subject_token,
    subject_id as request_id
from intermediate.int_subjects__tokenized inner join public.people on user_id = subject_id
where not is_here and user_id::int <= {PEOPLE};
create view intermediate.int_events__surviving as
select research_token as subject_token, event_name, received_at from public.happenings
inner join intermediate.int_subjects__surviving on user_id = subject_id;
vacuum analyze;
"""


def main() -> None:
    """Print the table."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-releases-") as folder,
        embedded_server(Path(folder) / "warehouse") as url,
        fresh_database(url) as warehouse,
        psycopg.connect(warehouse.url, autocommit=True) as connection,
    ):
        bootstrap(warehouse, fingerprints={})
        keys = Keys.derive(KEY, salt=SALT)
        settings = Settings(govern_key=KEY, research_salt=SALT)
        rotating.follow(warehouse, settings, keys, night=ON)
        for name, value in {"timezone": "UTC", **keys.session()}.items():
            connection.execute("select set_config(%s, %s, false)", [name, value])
        for statement in SOURCE.replace("%%", "%").split(";"):
            connection.execute(statement)
        checkout = check_out(Path(folder) / "checkout", warehouse)
        policy = publishing.policy_digest(checkout.settings.dbt_project)
        seconds: dict[str, float] = {}

        def timed(what: str, *statements: str) -> None:
            began = time.perf_counter()
            for statement in statements:
                connection.execute(statement)
            seconds[what] = time.perf_counter() - began

        def night(on: date, which: str) -> None:
            connection.execute("select set_config('governance.night', %s, false)", [on.isoformat()])
            sql = compiled(checkout, warehouse, on)
            tokenized = sql["int_subjects__tokenized"]
            assert NOBODY in tokenized, "the model must read no raw table here"
            seen = tokenized.replace(NOBODY, "select user_id as subject_id from public.people where is_here")
            timed(  # as dbt fills an incremental model
                f"{which}: tokens",
                f"create temp table seen as {seen}",
                "insert into intermediate.int_subjects__tokenized select * from seen",
                "drop table seen",
            )
            connection.execute("vacuum analyze intermediate.int_subjects__tokenized")
            connection.execute(
                f"create or replace view intermediate.int_periods__closed as {sql['int_periods__closed']}"
            )
            model = Model("int_members__departing", "", "", sql["int_members__departing"], "", (), {}, {}, "")
            began = time.perf_counter()
            releasing.withdraw(connection, Manifest((), (), (model,)), night=on.isoformat())
            seconds[f"{which}: withdraw"] = time.perf_counter() - began
            if which != "first":
                timed(
                    f"{which}: purge of the standing release",
                    *(
                        f"delete from research.{table} as kept using ({sql[f'int_{table}__doomed']}) as doomed"
                        " where kept.ctid = doomed.row_id"
                        for table in TABLES
                    ),
                )
            session = {"timezone": "UTC", "governance.night": on.isoformat(), "governance.policy_digest": policy}
            for node in Transformations(checkout.settings, warehouse, session).run("run", *TABLES):
                seconds[f"{which}: build {node.name}"] = node.seconds
            began = time.perf_counter()
            digest, rows = publishing.content_digest(connection, "research_candidate")
            seconds[f"{which}: digest"] = time.perf_counter() - began
            connection.execute(
                "insert into governance.nights (night, state, violations, candidate_digest)"
                " values (%s, 'validated', 0, %s)",
                [on, digest],
            )
            began = time.perf_counter()
            publishing.publish(warehouse, night=on.isoformat(), policy=policy)
            seconds[f"{which}: publish"] = time.perf_counter() - began
            for table in TABLES:
                timed(f"{which}: copy {table}", f"create table public.copied as select * from research.{table}")
                connection.execute("drop table public.copied")
            print(f"{which} night: {rows:,} rows released", flush=True)

        night(ON, "first")
        for what, rows in (
            ("plain copy of two columns", "select user_id, event_name from public.happenings"),
            ("the same with a token a row", BY_ROW),
            ("the same with tokens made once", ONCE),
        ):
            timed(what, f"create table public.copied as {rows}")
            connection.execute("drop table public.copied")
        connection.execute(
            f"update public.people set is_here = user_id::int > {PEOPLE} or user_id::int % {PEOPLE // 20} > 0"
        )
        connection.execute("vacuum analyze public.people")
        night(ON + timedelta(days=7), "second")
        night(ON + timedelta(days=8), "third")
    tell(seconds)


def tell(seconds):
    """Print what tokens took beside a copy, and each night beside the copy of its own tables."""
    plain = seconds["plain copy of two columns"]
    once = seconds["the same with tokens made once"]
    print(
        f"tokens beside a copy: {(seconds['first: tokens'] + once) / plain:.2f}x on the first night,"
        f" {(seconds['second: tokens'] + once) / plain:.2f}x on the second;"
        f" a token a row {seconds['the same with a token a row'] / plain:.2f}x"
    )
    for which in ("first", "second", "third"):
        made = [seconds[f"{which}: {what}"] for what in ("tokens", *(f"build {table}" for table in TABLES))]
        copied = [seconds[f"{which}: copy {table}"] for table in TABLES]
        print(f"{which} night, tokens and tables beside their copy: {sum(made) / sum(copied):.2f}x;", end=" ")
        print(*(f"{table} {one / other:.2f}x" for table, one, other in zip(TABLES, made[1:], copied, strict=True)))
    for what, taken in seconds.items():
        print(f"{what:<45} {taken:7.2f} s")


def compiled(checkout, warehouse, on):
    """The models' SQL as dbt compiles it now."""
    transformations = Transformations(checkout.settings, warehouse, {"governance.night": on.isoformat()})
    transformations.run("seed", "masking_rules")
    transformations.run("docs generate", *MODELS)
    manifest = json.loads((checkout.settings.dbt_project / "target" / "manifest.json").read_text())
    database = f'"{conninfo_to_dict(warehouse.url)["dbname"]}".'
    return {
        node["name"]: node["compiled_code"].replace(database, "")
        for node in manifest["nodes"].values()
        if node["name"] in MODELS
    }


if __name__ == "__main__":
    main()
