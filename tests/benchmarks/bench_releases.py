"""What a release costs from its second night on, beside copying its tables: bench_releases.py [PEOPLE].

Half the subjects' rows each event; people are released as 5,000 classes. The second night has 1% newcomers, one closed
week more, and 20 deletions.
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

PEOPLE = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
WEEKS = 10
ON = date(2026, 3, 16)
MODELS = ("int_members__departing", "int_periods__closed", "research_users", "research_events")
MODELS += ("int_research_users__doomed", "int_research_events__doomed")
SOURCE = f"""
create table public.people as
select
    n::text as name, encode(sha256(n::text::bytea), 'hex') as token, 'C' || n %% 50 as country_code,
    (array['free', 'pro', 'team', 'gone', 'trial'])[1 + n %% 5] as plan, 18 + (n / 7) %% 50 as age_years,
    n %% 3 = 0 as is_marketing_opted_in, n <= {PEOPLE} as is_here
from generate_series(1, {PEOPLE * 101 // 100}) as n;
create table public.happenings as
select token, 'event ' || (n + w) %% 4 as event_name, timestamptz '2026-03-02' - w * interval '7 days' as received_at
from public.people inner join generate_series(-1, {WEEKS - 1}) as w on true
cross join lateral (select name::int as n) as numbered
where (n + w) %% 2 = 0;
insert into intermediate.int_subjects__tokenized
select name, encode(sha256(('l' || name)::bytea), 'hex'), token from public.people;
create table governance.retention_rules (relation text, period interval, effective_from date, effective_until date);
insert into governance.retention_rules values ('research.research_events', interval '24 months', null, null);
create view intermediate.int_users__surviving as select token as subject_token, * from public.people where is_here;
create view intermediate.int_subjects__surviving as
select subject_id, research_token from intermediate.int_subjects__tokenized
where not exists (select from public.people where name = subject_id and not is_here);
create view staging.stg_segment__users as select name as user_id from public.people;
create view intermediate.int_subjects__tombstoned as
select name as subject_id, token as research_token, token as subject_token, name as request_id
from public.people where not is_here and name::int <= {PEOPLE};
create view intermediate.int_events__surviving as
select token as subject_token, event_name, received_at from public.happenings inner join public.people using (token)
where is_here;
vacuum analyze;
"""


def main() -> None:  # noqa: C901 -- a list of what is timed
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
        seconds: dict[str, float] = {}

        def timed(what: str, *statements: str) -> None:
            began = time.perf_counter()
            for statement in statements:
                connection.execute(statement)
            seconds[what] = time.perf_counter() - began

        def night(on: date, which: str) -> None:
            connection.execute("select set_config('governance.night', %s, false)", [on.isoformat()])
            sql = compiled(checkout, warehouse, on)
            connection.execute(
                f"create or replace view intermediate.int_periods__closed as {sql['int_periods__closed']}"
            )
            model = Model("int_members__departing", "", "", sql["int_members__departing"], "", (), {}, {}, "")
            began = time.perf_counter()
            releasing.withdraw(connection, Manifest((), (), (model,)), night=on.isoformat())
            seconds[f"{which}: withdraw"] = time.perf_counter() - began
            if which == "second":
                timed(
                    "second: purge of the standing release",
                    *(
                        f"delete from research.{table} as kept using ({sql[f'int_{table}__doomed']}) as doomed"
                        " where kept.ctid = doomed.row_id"
                        for table in ("research_users", "research_events")
                    ),
                )
            for table in ("research_users", "research_events"):
                timed(f"{which}: build {table}", f"create table research_candidate.{table} as {sql[table]}")
                connection.execute(f"analyze research_candidate.{table}")
            digest, rows = publishing.content_digest(connection, "research_candidate")
            connection.execute(
                "insert into governance.nights (night, state, violations, candidate_digest)"
                " values (%s, 'validated', 0, %s)",
                [on, digest],
            )
            began = time.perf_counter()
            publishing.publish(warehouse, night=on.isoformat(), policy="0" * 64)
            seconds[f"{which}: publish"] = time.perf_counter() - began
            print(f"{which} night: {rows:,} rows released")

        night(ON, "first")
        connection.execute(f"update public.people set is_here = name::int > {PEOPLE} or name::int % {PEOPLE // 20} > 0")
        for table in ("research_users", "research_events"):
            timed(f"copy {table}", f"create table public.copy_of_{table} as select * from research.{table}")
        night(ON + timedelta(days=7), "second")
    for table in ("research_users", "research_events"):
        ratio = seconds[f"second: build {table}"] / seconds[f"copy {table}"]
        print(f"second night's {table} beside its copy: {ratio:.1f}x")
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
