"""A warehouse with one row of a person in every schema, and a session of each kind of reader."""

from __future__ import annotations

from contextlib import ExitStack

import psycopg
import pytest

from lib.databases import fresh_database
from lib.logins import login
from privacy_governance.warehouse.bootstrap import bootstrap

PEOPLE = """
create table raw.users (id text, email text);
insert into raw.users select n::text, 'anna@example.com' from generate_series(1, 100) as n;
create statistics raw.pairs (mcv) on id, email from raw.users;
create statistics raw.domains on (split_part(email, '@', 2)) from raw.users;
analyze raw.users;
create view staging.stg_users as select * from raw.users;
create table intermediate.int_users as select * from raw.users;
create table research_candidate.research_users (subject_token text);
grant select on research_candidate.research_users to analyst;
create table research.research_users as select repeat('a', 64) as subject_token;
grant select on research.research_users to analyst;
insert into governance.releases (night, content_digest, relations, released_rows)
values ('2026-03-01', repeat('c', 64), '{research_users}', 1);
create table research_previous.research_users as select * from research.research_users;
create table audit.violation_of_one as select 'raw.users' as relation;
grant select on audit.violation_of_one to auditor;
insert into governance.purge_receipts (night, relation, reason, purged_rows)
values ('2026-03-01', 'raw.users', 'retention', 5);
select lo_from_bytea(4711, 'anna@example.com');
"""


@pytest.fixture(scope="package")
def peopled(server_url):
    """A prepared warehouse; no night ran on it."""
    with fresh_database(server_url) as warehouse:
        bootstrap(warehouse, fingerprints={})
        with warehouse.connect("put a person everywhere") as connection:
            connection.execute(PEOPLE)
        bootstrap(warehouse, fingerprints={})
        yield warehouse


@pytest.fixture(scope="package")
def sessions(peopled):
    """Open sessions, one a role; `PUBLIC` is a login that has no role."""
    with ExitStack() as stack:
        opened = {}
        for role in ("analyst", "auditor", "PUBLIC"):
            url = stack.enter_context(login(peopled, member_of=[role] if role != "PUBLIC" else []))
            opened[role] = stack.enter_context(psycopg.connect(url, autocommit=True))
        yield opened
