"""A bootstrapped warehouse with the view that requests are taken in from, made of the project's own SQL."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from jinja2 import Environment, FileSystemLoader

from lib.checkouts import KEY
from lib.databases import fresh_database
from privacy_governance.keys import Keys
from privacy_governance.requests import submitting
from privacy_governance.requests.desk_tables import require_table
from privacy_governance.settings import CHECKOUT
from privacy_governance.warehouse.bootstrap import bootstrap

NIGHT = "2026-03-01"
KEYS = Keys.derive(KEY)


def compiled(model, **context):
    """Return a model's SQL with the project's macros, as dbt would compile it; tokens need no graph."""
    environment = Environment(  # noqa: S701 -- SQL, no page
        loader=FileSystemLoader(CHECKOUT / "dbt_project"), extensions=["jinja2.ext.do"]
    )
    tokens = environment.get_template("macros/anonymization/keyed_token.sql").module
    identifiers = environment.get_template("macros/declarations/identifiers.sql").module
    return environment.get_template(f"models/{model}").render(
        keyed_token=tokens.keyed_token,
        user_token_text=tokens.user_token_text,
        comparable_identifier=identifiers.comparable_identifier,
        **context,
    )


class Desk:
    """A warehouse to which requests come, and the steps that this package takes."""

    def __init__(self, warehouse, folder):
        self.warehouse = warehouse
        self.folder = folder

    @contextmanager
    def connect(self, night=NIGHT):
        session = {"timezone": "UTC", "governance.night": night, **KEYS.session()}
        with self.warehouse.connect("test requests", session=session) as connection:
            yield connection

    def file(self, content, name="requests.csv"):
        file = self.folder / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def submit(self, content, name="requests.csv", **options):
        with self.connect() as connection:
            return submitting.submit(connection, self.file(content, name), **options)

    def ask(self, query, parameters=None):
        with self.connect() as connection:
            return connection.execute(query, parameters).fetchall()

    def run(self, statement, parameters=None):
        with self.connect() as connection:
            connection.execute(statement, parameters)


@pytest.fixture(scope="module")
def _desk_warehouse(server_url):
    with fresh_database(server_url) as warehouse:
        bootstrap(warehouse, fingerprints=KEYS.fingerprints())
        with warehouse.connect("make the table that requests come to") as connection:
            require_table(connection, "privacy_requests")
            staging = "staging/privacy_desk/stg_privacy_desk__privacy_requests.sql"
            connection.execute(
                "create view staging.stg_privacy_desk__privacy_requests as "
                + compiled(staging, declared_rows=lambda *_: "select * from raw.privacy_requests")
            )
            tokenized = "intermediate/subjects/int_privacy_requests__tokenized.sql"
            connection.execute(
                "create view intermediate.int_privacy_requests__tokenized as "
                + compiled(tokenized, ref=lambda name: f"staging.{name}")
            )
        yield warehouse


@pytest.fixture
def desk(_desk_warehouse, tmp_path):
    """A desk without requests."""
    with _desk_warehouse.connect("clear the desk") as connection:
        connection.execute("truncate raw.privacy_requests; drop table if exists raw.legal_holds")
        connection.execute(
            "truncate governance.deletion_requests, governance.request_exceptions, governance.request_identifiers,"
            " governance.tombstones, governance.reviews, governance.held_identifiers cascade"
        )
    return Desk(_desk_warehouse, tmp_path)


@pytest.fixture
def policy(desk):
    """The notice's words for two tables, and no receipts of tests before."""
    desk.run(
        """
        drop table if exists governance.notice_categories, governance.pi_kinds, governance.deletion_exceptions;
        create table governance.notice_categories as
        select * from (values ('identifiers_general', 'Identifiers (general)', 1),
            ('financial_information', 'Financial Information', 3)) as c (notice_category, label, position);
        create table governance.pi_kinds as
        select * from (values ('contact_information', 'Contact information'),
            ('transaction_information', 'Transaction information')) as k (pi_kind, label);
        create table governance.deletion_exceptions (
            relation text, column_name text, exception text, reason text, approver text, expires_on date);
        truncate governance.column_uses, governance.column_tags;
        insert into governance.column_uses (relation, column_name, category, pi_kind, source, purpose, is_present)
        values
            ('raw.users', 'email', 'identifiers_general', 'contact_information', 'you', 'marketing', true),
            ('raw.privacy_requests', 'email', 'identifiers_general', 'contact_information', 'you', 'marketing',
                true),
            ('raw.payments', 'amount', 'financial_information', 'transaction_information', 'you', 'marketing', true);
        insert into governance.column_tags (relation, column_name, categories, identifiability, origin, path)
        values ('raw.payments', 'amount', '{financial_information}', 'quasi', 'declared', '{}');
        alter table governance.purge_receipts disable trigger refuse_change;
        delete from governance.purge_receipts;
        alter table governance.purge_receipts enable trigger refuse_change;
        """
    )
