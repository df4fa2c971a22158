"""Releases of a few made-up people, one after another, by the project's own SQL: compiled once, run without dbt."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from lib.checkouts import KEY, SALT, check_out
from lib.databases import fresh_database
from privacy_governance import publishing, releasing, rotating
from privacy_governance.keys import Keys
from privacy_governance.manifest import Manifest, Model
from privacy_governance.settings import Settings
from privacy_governance.transformations import Transformations
from privacy_governance.warehouse import Connection, Warehouse
from privacy_governance.warehouse.bootstrap import bootstrap

START = date(2026, 1, 5)
SETTINGS = Settings(govern_key=KEY, research_salt=SALT)
KEYS = Keys.derive(KEY, salt=SALT)
GOVERNED = (
    "raw",
    "staging",
    "intermediate",
    "research_candidate",
    "research",
    "research_previous",
    "governance",
    "audit",
)
POLICY = "0" * 64
K = 5
MODELS = (
    "int_members__departing",
    "int_periods__closed",
    "research_users",
    "research_events",
    "research_survey_responses",
    "int_research_users__doomed",
    "int_research_events__doomed",
    "int_research_survey_responses__doomed",
    "int_previous_research_users__doomed",
    "int_previous_research_events__doomed",
    "int_previous_research_survey_responses__doomed",
    "violation_release_under_k",
    "violation_release_difference",
    "violation_release_member_without_source",
    "research_weekly_actives",
    "research_signup_funnel",
    "research_revenue",
    "violation_changed_aggregate",
    "int_pairs__unsafe",
)
# a table with two sensitive attributes, which the project has none of
PAIRS = Path(__file__).parent / "pairs"
TABLES_OF_SUBJECTS = ("research_users", "research_events", "research_survey_responses")
AGGREGATES = ("research_weekly_actives", "research_signup_funnel", "research_revenue")
# who is in the warehouse, as the models before the release would give it
PEOPLE = """
create table public.people (
    name text primary key, token text not null, country_code text, plan text, age_years int,
    is_marketing_opted_in boolean, is_deleted boolean not null default false
);
create table public.happenings (name text, event_name text, received_at timestamptz);
create table public.answers (name text, survey_name text, submitted_at timestamptz, score int);
create table governance.retention_rules (relation text, period interval, effective_from date, effective_until date);
insert into governance.retention_rules
select 'research.' || relation, interval '24 months', null, null from unnest(
    '{research_events,research_survey_responses,research_weekly_actives,research_signup_funnel,research_revenue}'::text[]
) as relation;
create table public.purchases (name text, received_at timestamptz, revenue numeric(12, 2), currency_code text);
create table governance.governance_exceptions (
    rule text, relation text, column_name text, approved_on date, expires_on date
);
create view intermediate.int_users__surviving as
select token as subject_token, * from public.people where not is_deleted;
create view intermediate.int_subjects__surviving as
select subject_id, research_token from intermediate.int_subjects__tokenized
where not exists (select from public.people where name = subject_id and is_deleted);
create view staging.stg_segment__users as select name as user_id from public.people;
create view intermediate.int_subjects__tombstoned as
select
    name as subject_id, token as research_token, hashtextextended(name, 0) as tombstone_id,
    md5(name) || md5(name) as subject_token, 'request of ' || name as request_id
from public.people where is_deleted;
create view intermediate.int_events__surviving as
select token as subject_token, event_name, received_at
from public.happenings inner join public.people using (name) where not is_deleted;
create view intermediate.int_survey_responses__surviving as
select token as subject_token, survey_name, submitted_at, score
from public.answers inner join public.people using (name) where not is_deleted;
create view intermediate.int_orders__surviving as
select token as subject_token, received_at, revenue, currency_code
from public.purchases inner join public.people using (name) where not is_deleted;
"""
SOURCES = ("public.people", "public.happenings", "public.answers", "public.purchases")
# what the release was before it knew of others: everybody in a class of k
NAIVE = """
select token, (country_code, plan, age_years, is_marketing_opted_in)::text from (
    select *, count(*) over (partition by country_code, plan, age_years, is_marketing_opted_in) as class_size
    from public.people where not is_deleted
) as classed
where class_size >= %s
"""


@dataclass(frozen=True)
class Compiled:
    """The models' SQL as dbt compiles it while a release stands in `research`, `research_previous` or nowhere."""

    by_base: dict[str | None, dict[str, str]]


@dataclass
class Line:
    """A line of releases, and what whoever reads all of them sees: a `{token: class}` at each moment that differs."""

    warehouse: Warehouse
    connection: Connection
    compiled: Compiled
    keys: Keys
    on: date = START
    seen: list = field(default_factory=list)
    naive: list = field(default_factory=list)

    def ask(self, query, parameters=None):
        settings = {"timezone": "UTC", "governance.night": self.on.isoformat(), **self.keys.session()}
        self.connection.execute(
            "select set_config(name, value, false) from unnest(%s::text[], %s::text[]) as setting (name, value)",
            [list(settings), list(settings.values())],
        )
        cursor = self.connection.execute(query, parameters)
        return cursor.fetchall() if cursor.description else []

    def sql(self, name):
        """The model's SQL as dbt would compile it now."""
        published = publishing.history(self.connection)
        newest = next((each for each in published if each.kind == "publish"), None)
        ((period,),) = self.ask("select max(period) from governance.key_periods")
        base = None
        of_any_period = name in {"int_members__departing", "violation_changed_aggregate", *AGGREGATES}
        if newest and (newest.period == period or of_any_period or "doomed" in name):
            base = "research" if published[0].content == newest.release_id else "research_previous"
        return self.compiled.by_base[base][name]

    def join(self, names, **attributes):
        who = {"country_code": "US", "plan": "free", "age_years": 30, "is_marketing_opted_in": True} | attributes
        self.ask(
            "insert into public.people select *, %s, %s, %s, %s from unnest(%s::text[], %s::text[])",
            [*who.values(), list(names), [self.token(name) for name in names]],
        )
        self.ask(
            "insert into intermediate.int_subjects__tokenized (subject_id, ledger_token, research_token)"
            " select * from unnest(%s::text[], %s::text[], %s::text[])",
            [list(names), [self.keys.token("ledger", name) for name in names], [self.token(name) for name in names]],
        )

    def delete(self, *names):
        self.ask("update public.people set is_deleted = true where name = any(%s)", [list(names)])

    def token(self, name):
        return self.keys.token("research", name)

    def withdraw(self):
        """Let members go; their rows stay until the purge."""
        model = Model("int_members__departing", "", "", self.sql("int_members__departing"), "", (), {}, {}, "")
        self.ask("select")
        return releasing.withdraw(self.connection, Manifest((), (), (model,)), night=self.on.isoformat())

    def enforce(self):
        """Withdraw and purge, as a night does before it knows whether it publishes."""
        withdrawn = self.withdraw()
        self.purge()
        self._look()
        return withdrawn

    def purge(self):
        """Purge the kept releases of who has to leave them."""
        for schema, prefix in (("research", ""), ("research_previous", "previous_")):
            for table in TABLES_OF_SUBJECTS:
                if self.exists(f"{schema}.{table}"):
                    self.ask(
                        f"delete from {schema}.{table} as kept using ({self.sql(f'int_{prefix}{table}__doomed')})"
                        " as doomed where kept.ctid = doomed.row_id and kept.xmin = doomed.row_version"
                    )

    def build(self):
        """Build the candidate; return what is wrong with it."""
        for table in TABLES_OF_SUBJECTS:
            self.ask(f"drop table if exists research_candidate.{table}")
            self.ask(f"create table research_candidate.{table} as {self.sql(table)}")
        return self.differences()

    def build_aggregates(self):
        """Build the candidate's aggregates, after its tables of subjects; return what is wrong with them."""
        for table in AGGREGATES:
            self.ask(f"drop table if exists research_candidate.{table}")
            self.ask(f"create table research_candidate.{table} as {self.sql(table)}")
        return self.ask(self.sql("violation_changed_aggregate"))

    def differences(self):
        return self.ask(self.sql("violation_release_difference"))

    def publish(self):
        digest, _ = publishing.content_digest(self.connection, "research_candidate")
        self.ask(
            "insert into governance.nights (night, state, violations, candidate_digest) values (%s, 'validated', 0, %s)"
            " on conflict (night) do update set state = 'validated', candidate_digest = excluded.candidate_digest",
            [self.on, digest],
        )
        released = publishing.publish(self.warehouse, night=self.on.isoformat(), policy=POLICY)
        self._look()
        self.naive.append(dict(self.ask(NAIVE, [K])))
        return released

    def night(self, *, days=1):
        """Live a night of this line to its publish."""
        self.on += timedelta(days=days)
        self.enforce()
        assert self.build() == []
        return self.publish()

    def exists(self, relation):
        return self.ask("select to_regclass(%s) is not null", [relation]) == [(True,)]

    def released(self, schema="research"):
        if not self.exists(f"{schema}.research_users"):
            return {}
        return dict(
            self.ask(
                "select subject_token, (country_code, plan, age_band, is_marketing_opted_in)::text"
                f" from {schema}.research_users"
            )
        )

    def _look(self):
        now = self.released()
        if (now or self.seen) and now not in self.seen[-1:]:
            self.seen.append(now)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory, server_url):
    """The models' SQL, compiled in each place where the newest release may stand."""
    found = {}
    with fresh_database(server_url) as warehouse:
        database = f'"{conninfo_to_dict(warehouse.url)["dbname"]}".'
        checkout = check_out(tmp_path_factory.mktemp("releases") / "checkout", warehouse)
        shutil.copytree(PAIRS, checkout.folder / "dbt_project" / "models" / "intermediate" / "pairs")
        bootstrap(warehouse, fingerprints={})
        session = {"governance.night": START.isoformat()}
        Transformations(checkout.settings, warehouse, session).run("seed", "masking_rules")
        for base in (None, "research", "research_previous"):
            if base:
                with warehouse.connect("put a release there") as connection:
                    connection.execute(RELEASED[base])
            Transformations(checkout.settings, warehouse, session).run("docs generate", *MODELS)
            manifest = json.loads((checkout.settings.dbt_project / "target" / "manifest.json").read_text())
            found[base] = {
                node["name"]: node["compiled_code"].replace(database, "")
                for node in manifest["nodes"].values()
                if node["name"] in MODELS
            }
    return Compiled(found)


TABLES = """
create table {schema}.research_users (
    subject_token text, country_code text, plan text, age_band text, is_marketing_opted_in boolean
);
create table {schema}.research_events (subject_token text, event_name text, occurred_week_on date, events bigint);
create table {schema}.research_survey_responses (
    subject_token text, survey_name text, submitted_quarter_on date, score_band text, responses bigint
);
create table {schema}.research_weekly_actives (
    active_week_on date, plan text, active_subjects bigint, events bigint
);
create table {schema}.research_signup_funnel (
    signed_up_month_on date, signed_up bigint, active_within_4_weeks bigint, ordered_within_4_weeks bigint
);
create table {schema}.research_revenue (
    ordered_quarter_on date, currency_code text, country_code text, plan text, buyers bigint, orders bigint,
    revenue bigint
);
"""
RELEASED = {
    "research": TABLES.format(schema="research")
    + TABLES.format(schema="research_previous")
    + f"insert into governance.releases (night, content_digest, relations, released_rows)"
    f" select date '2026-01-01' + n, '{POLICY}', '{{}}', 0 from generate_series(1, 2) as n",
    "research_previous": "insert into governance.releases (kind, night, returns_to, content_digest, relations,"
    f" released_rows) select 'rollback', night, release_id, '{POLICY}', '{{}}', 0"
    " from governance.releases order by release_id limit 1",
}


@pytest.fixture(scope="module")
def lines(server_url, compiled):
    """Start a line of releases before its first; each one ends the line before."""
    with (
        fresh_database(server_url) as warehouse,
        psycopg.connect(warehouse.url, autocommit=True) as connection,
    ):

        def start(keys=KEYS, settings=SETTINGS):
            schemas = ", ".join(GOVERNED)
            connection.execute(f"set client_min_messages = error; drop schema if exists {schemas} cascade")
            connection.execute(f"drop table if exists {', '.join(SOURCES)}")
            bootstrap(warehouse, fingerprints={})
            line = Line(warehouse, connection, compiled, keys)
            rotating.follow(warehouse, settings, line.keys, night=START)
            line.ask(PEOPLE)
            line.ask(f"create view intermediate.int_periods__closed as {compiled.by_base[None]['int_periods__closed']}")
            return line

        yield start


@pytest.fixture
def line(lines):
    """A line of releases before its first."""
    return lines()
