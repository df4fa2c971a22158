"""The raw tables of the demo, empty, with the retention models compiled and built: tests fill in rows of their own."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from psycopg import sql

from lib.checkouts import KEY, SALT, Checkout, check_out
from privacy_governance import purging, retention, tagging
from privacy_governance.generation import generate
from privacy_governance.keys import Keys
from privacy_governance.manifest import Manifest, read_manifest
from privacy_governance.transformations import Transformations
from privacy_governance.warehouse import Warehouse
from privacy_governance.warehouse.bootstrap import bootstrap

ON = date(2026, 3, 1)
KEYS = Keys.derive(KEY, salt=SALT)
GENERALIZED = {"address_postal_code (generalized)": 'left(kept."address_postal_code", 3)'}


def session_of(night):
    return {"timezone": "UTC", "governance.night": night.isoformat(), **KEYS.session()}


@dataclass(frozen=True)
class Retained:
    """A warehouse whose purge and audit models can be asked, on any night, without dbt."""

    warehouse: Warehouse
    manifest: Manifest
    checkout: Checkout

    @contextmanager
    def undone(self, night=ON):
        """A session of `night` of which nothing stays."""
        with self.warehouse.connect("try something", session=session_of(night)) as connection:
            yield connection
            connection.rollback()

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

    def purge(self, night, *tables):
        """Plan and carry out what `night` dooms of these tables, as a night does; return the rows of this very run."""
        with self.warehouse.connect("schedule", session=session_of(night)) as connection:
            self.schedule(connection)
        return self.carry_out(night, *tables)

    def carry_out(self, night, *tables):
        """Purge by the schedule that stands."""
        with self.warehouse.connect("look at the receipts", session=session_of(night)) as connection:
            before = purging.purged(connection, night=night.isoformat()).rows
        models = tuple(model for model in self.manifest.models if model.name in {f"int_{t}__doomed" for t in tables})
        carrier = Carrier(self.warehouse, models, session_of(night))
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

    def run(self, command, *names):
        for model in self.models:
            if model.name in names:
                with self.warehouse.connect("carry out", autocommit=True, session=self.session) as connection:
                    connection.execute(
                        sql.SQL("call governance.carry_out_purge({}, {}, {}, {}, 0, {}, {})").format(
                            model.relation, model.config["relation"], json.dumps(GENERALIZED), 1000, 0.05, 1000
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
    bootstrap(warehouse, fingerprints=KEYS.fingerprints())
    transformations = Transformations(checkout.settings, warehouse, session_of(ON))
    transformations.run("seed")
    transformations.compile_all()
    tagging.tag(warehouse, checkout.settings.dbt_project, on=ON)
    transformations.run("run", "staging", "intermediate.subjects", "intermediate.retention")
    return Retained(warehouse, read_manifest(checkout.settings.dbt_project / "target"), checkout)
