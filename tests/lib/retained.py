"""The raw tables of the demo, empty, with the retention models compiled and built: tests fill in rows of their own."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from psycopg import sql

from lib.checkouts import KEY, SALT, Checkout, check_out
from privacy_governance import purging, retention, tagging
from privacy_governance.errors import StepError, WarehouseError
from privacy_governance.generation import generate
from privacy_governance.keys import Keys
from privacy_governance.manifest import Manifest, read_manifest
from privacy_governance.transformations import Transformations
from privacy_governance.warehouse import Warehouse
from privacy_governance.warehouse.bootstrap import bootstrap

ON = date(2026, 3, 1)
THREADS = 2  # dbt_project/profiles.yml
KEYS = Keys.derive(KEY, salt=SALT)
GENERALIZED = {"address_postal_code (generalized)": 'left(kept."address_postal_code", 3)'}

# a release by its clocks, which is all that retention asks of one
RELEASE = """
create table {schema}.research_events (occurred_week_on date);
create table {schema}.research_survey_responses (submitted_quarter_on date);
create table {schema}.research_weekly_actives (active_week_on date);
create table {schema}.research_signup_funnel (signed_up_month_on date);
create table {schema}.research_revenue (ordered_quarter_on date);
"""
PARTITIONED = """
alter table raw.screens rename to screens_before;
create table raw.screens (like raw.screens_before) partition by range (received_at);
drop table raw.screens_before;
create index on raw.screens (user_id);
create index on raw.screens (received_at);
create index on raw.screens (anonymous_id);
create index on raw.screens (context_device_id);
create index on raw.screens (context_device_advertising_id);
create table raw.screens_later partition of raw.screens default;
"""
YEARS = """
create table if not exists raw.screens_2021 partition of raw.screens for values from (minvalue) to ('2022-01-01');
create table if not exists raw.screens_2022 partition of raw.screens for values from ('2022-01-01') to ('2023-01-01');
create table if not exists raw.screens_2023 partition of raw.screens for values from ('2023-01-01') to ('2024-01-01');
"""
# what tests of requests fill
EMPTY = """
set local session_replication_role = replica;
truncate raw.pages, raw.users, raw.privacy_requests, intermediate.int_identifiers__tokenized,
    intermediate.int_subjects__tokenized, governance.deletion_requests, governance.tombstones,
    governance.request_identifiers, governance.request_exceptions, governance.reviews, governance.purge_receipts
"""


def session_of(night):
    return {"timezone": "UTC", "governance.night": night.isoformat(), **KEYS.session()}


@dataclass(frozen=True)
class Retained:
    """A warehouse whose purge and audit models can be asked, on any night, without dbt."""

    warehouse: Warehouse
    manifest: Manifest
    checkout: Checkout
    batch_rows: int = 1000

    @contextmanager
    def undone(self, night=ON):
        """A session of `night` that can ask what a plan asks, and of which nothing stays."""
        with self.warehouse.connect("try something", session=session_of(night)) as connection:
            connection.execute("select governance.prepare_plan()")
            yield connection
            connection.rollback()

    @contextmanager
    def tombstoned(self, rows, tombstones):
        """Requests and raw `rows`, their identifiers seen by a night, `tombstones` of those; nothing of it stays."""
        with self.warehouse.connect("fill", session=session_of(ON)) as connection:
            connection.execute(EMPTY)
            connection.execute(rows)
            self.see_identifiers(connection)
            connection.execute(tombstones)
        yield self
        with self.warehouse.connect("empty") as connection:
            connection.execute(EMPTY)

    def see_identifiers(self, connection):
        """Do what the night's run of the model does: enter the identifiers of the raw tables."""
        known = self.sql_of("int_identifiers__tokenized")
        connection.execute(f"insert into intermediate.int_identifiers__tokenized {known}")

    def sql_of(self, name):
        return next(model.sql for model in self.manifest.models if model.name == name)

    def schedule(self, connection):
        """Do what the night's run of the models does: the tables that a purge asks are of one night."""
        for name in ("int_rows__scheduled", "int_columns__expiring"):
            connection.execute(f"delete from intermediate.{name}")
            connection.execute(f"insert into intermediate.{name} {self.sql_of(name)}")

    def doomed(self, connection, table):
        """{id: redacted columns, None where the row goes} of what the session's night dooms for its age."""
        self.schedule(connection)
        connection.execute("select governance.prepare_plan()")
        return dict(
            connection.execute(
                f"select kept.id, doomed.redacted_columns from ({self.sql_of(f'int_{table}__doomed')}\n) as doomed"
                f" inner join raw.{table} as kept on kept.ctid = doomed.row_id where doomed.reason = 'retention'"
            ).fetchall()
        )

    def violations(self, connection, rule):
        """{(relation, column): how many}."""
        self.schedule(connection)
        rows = connection.execute(self.sql_of(f"violation_{rule}")).fetchall()
        return {(relation, column): offenders for relation, column, offenders, _ in rows}

    def purge(self, night, *tables, between=None):
        """Plan and carry out what `night` dooms of these tables, as a night does; return the rows of this very run.

        `between` is a statement of another session, after the plan and before the first row goes.
        """
        with self.warehouse.connect("schedule", session=session_of(night)) as connection:
            self.schedule(connection)
        return self.carry_out(night, *tables, between=between)

    def carry_out(self, night, *tables, between=None):
        """Purge by the schedule that stands."""
        with self.warehouse.connect("look at the receipts", session=session_of(night)) as connection:
            before = purging.purged(connection, night=night.isoformat()).rows
        models = tuple(model for model in self.manifest.models if model.name in {f"int_{t}__doomed" for t in tables})
        carrier = Carrier(self.warehouse, models, session_of(night), self.batch_rows, between)
        purged = purging.purge(carrier, Manifest(self.manifest.sources, (), models), night=night.isoformat())
        with self.warehouse.connect("remember", session=session_of(night)) as connection:
            retention.remember(connection)
        return purged.rows - before


@dataclass(frozen=True)
class Carrier:
    """Does what dbt's materialization does."""

    warehouse: Warehouse
    models: tuple
    session: dict
    batch_rows: int
    between: str | None = None

    def run(self, command, *names):
        """Run the purge models of these names; a failure is told as dbt's is, without PostgreSQL's message.

        Raises:
            StepError: a purge did not end.

        """
        if self.between is not None:
            with self.warehouse.connect("come between") as connection:
                connection.execute(self.between)
        try:
            self.carry_out(names)
        except WarehouseError:
            raise StepError(f"dbt {command} failed") from None

    def carry_out(self, names):
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(self.carry_out_one, (model for model in self.models if model.name in names)))

    def carry_out_one(self, model):
        with self.warehouse.connect("carry out", autocommit=True, session=self.session) as connection:
            connection.execute(
                sql.SQL("call governance.carry_out_purge({}, {}, {}, {}, 0, {}, {})").format(
                    model.relation, model.config["relation"], json.dumps(GENERALIZED), self.batch_rows, 0.05, 1000
                )
            )


def retained_in(folder, warehouse):
    """Make the tables, compile every model, build those that a purge asks; columns are declared in use."""
    generate(warehouse, users=20, seed=1, as_of=ON)
    checkout = check_out(folder / "checkout", warehouse)
    with warehouse.connect("empty the tables") as connection:
        tables = connection.execute("select format('raw.%I', tablename) from pg_tables where schemaname = 'raw'")
        connection.execute("truncate " + ", ".join(name for (name,) in tables.fetchall()))
        connection.execute("alter table raw.users drop column favorite_team")
        connection.execute(PARTITIONED + YEARS)
    # no table of the demo has two clocks
    sources = checkout.settings.dbt_project / "models" / "staging" / "business" / "_business__sources.yml"
    one_clock = "            clock: started_at\n"
    sources.write_text(
        sources.read_text().replace(one_clock, one_clock + "            clocks: { last_active: consented_at }\n")
    )
    bootstrap(warehouse, fingerprints=KEYS.fingerprints())
    transformations = Transformations(checkout.settings, warehouse, session_of(ON))
    transformations.run("seed")
    transformations.compile_all()
    tagging.tag(warehouse, checkout.settings.dbt_project, on=ON)
    transformations.run("run", "staging", "intermediate.subjects", "intermediate.retention")
    with warehouse.connect("release nobody") as connection:
        for schema in ("research", "research_previous", "research_candidate"):
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(RELEASE.format(schema=schema))
    return Retained(warehouse, read_manifest(checkout.settings.dbt_project / "target"), checkout)
