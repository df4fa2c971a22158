"""A warehouse whose governance tables were filled by hand, as the steps of a night would leave them."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime

import pytest

from privacy_governance.settings import CHECKOUT, Settings
from privacy_governance.warehouse.bootstrap import bootstrap

NIGHT = "2026-11-23"

POLICY = """
create table governance.retention_rules (relation text, period interval, event text, purpose text, ground text);
create table audit.retention_schedule (
    relation text, column_name text, period text, event text, action text, purpose text, purposes text [], ground text,
    oldest_at timestamptz, next_expiry_on date
);
create table governance.notice_categories (
    notice_category text, label text, position integer, valid_from date, valid_to date
);
insert into governance.notice_categories values
    ('identifiers_online', 'Identifiers (online)', 1, '2020-01-01', null),
    ('internet_or_network_information', 'Internet or Network Information', 2, '2020-01-01', null);
insert into audit.retention_schedule values
    ('raw.tracks', 'id', '24 months', 'collected', 'delete_row', 'service_delivery', '{marketing,service_delivery}',
        'Notice: as identifies', null, null),
    ('raw.payments', 'id', '84 months', 'collected', 'delete_row', 'compliance_and_protection', '{}',
        'Legal obligation', null, null);
create table governance.governance_exceptions (
    rule text, relation text, column_name text, reason text, approver text, approved_on date, expires_on date
);
insert into governance.governance_exceptions values
    ('violation_undeclared_column', 'raw.users', 'legacy', 'Being dropped', 'Data team', '2026-11-01', '2026-12-01');
-- as dbt grants what it makes
grant select on
    governance.retention_rules, governance.governance_exceptions, governance.notice_categories, audit.retention_schedule
to auditor;
"""

LEDGER = """
insert into governance.deletion_requests
    (request_id, regulation_type, subject_token, received_at, confirm_by, due_on, state, refusal)
values
    ('r-1', 'DELETE_ONLY', repeat('a', 64), '2026-11-20', '2026-12-04', '2027-01-04', 'tombstoned', null),
    ('r-2', 'DELETE_ONLY', repeat('b', 64), '2026-09-20', '2026-10-04', '2026-11-04', 'on hold', null),
    ('r-3', 'ACCESS', repeat('c', 64), '2026-11-20', '2026-12-04', '2027-01-04', 'refused', 'unknown regulation type');
insert into governance.purge_receipts (night, relation, reason, subject_token, request_id, purged_rows) values
    ('2026-11-22', 'raw.tracks', 'retention', null, null, 1000),
    ('2026-11-22', 'research.research_users', 'retention', null, null, 500),
    ('2026-11-23', 'raw.tracks', 'retention', null, null, 30),
    ('2026-11-23', 'raw.tracks', 'tombstone', repeat('a', 64), 'r-1', 7),
    ('2026-11-23', 'raw.users', 'tombstone', repeat('a', 64), 'r-1', 1);
"""

TAGS = """
insert into governance.column_tags values
    ('raw.users', 'email', '{identifiers_general}', 'direct', 'declared', '{raw.users.email}', null),
    ('raw.users', 'legacy', '{}', 'unknown', 'unknown', '{raw.users.legacy}', 'Tag it in its sources YAML.'),
    ('research_candidate.research_users', 'subject_token', '{identifiers_general}', 'pseudonymous', 'derived',
        '{raw.users.id,keyed_token(id),research_candidate.research_users.subject_token}', null);
"""

VIOLATIONS = """
create table audit.violation_undeclared_column (relation text, column_name text, offenders bigint, finding text);
create table audit.violation_release_under_k (relation text, column_name text, offenders bigint, finding text);
insert into audit.violation_undeclared_column
select 'raw.wide', 'column_' || n, 1, 'raw.wide.column_' || n || ' has no ccpa_category. Tag it.'
from generate_series(1, 60) as n;
grant select on all tables in schema audit to auditor;
"""

RELEASE = """
create table research.research_users (subject_token text);
alter table research.research_users owner to governance_job;
insert into research.research_users select 'token' from generate_series(1, 40);
insert into governance.releases (night, content_digest, relations, released_rows)
values ('2026-11-22', repeat('d', 64), '{research_users}', 40);
"""


@pytest.fixture
def project(tmp_path):
    """Settings of a checkout of the test's own, not compiled."""
    unwanted = shutil.ignore_patterns("target", "logs", ".user.yml")
    shutil.copytree(CHECKOUT / "dbt_project", tmp_path / "dbt_project", ignore=unwanted)
    return Settings(project_dir=tmp_path, state_dir=tmp_path / "state")


@pytest.fixture
def night():
    """The night of every test here."""
    return NIGHT


@pytest.fixture
def run(warehouse):
    """Runs statements in the test's warehouse."""

    def run_all(*statements):
        with warehouse.connect("prepare the test") as connection:
            for statement in statements:
                connection.execute(statement)

    return run_all


@pytest.fixture
def governed(warehouse, run):
    """A warehouse that a night went through as far as anonymize; nothing was decided."""
    bootstrap(warehouse, fingerprints={})
    run(POLICY, LEDGER, TAGS, VIOLATIONS)
    run(RELEASE)  # a transaction of its own: it is published after what was purged before
    return warehouse


@pytest.fixture
def decide(run):
    """Records a night's state, as validate and publish do."""

    def record(state, *, night=NIGHT, violations=0, decided_at="2026-11-23 04:00+00"):
        run(
            "insert into governance.nights (night, state, violations, decided_at)"
            f" values ('{night}', '{state}', {violations}, '{decided_at}')"
        )

    return record


@pytest.fixture
def say(project):
    """Writes the progress of the night's latest run: (step, message, minutes after 03:00 UTC)."""

    def write(*lines):
        folder = project.nights / NIGHT
        folder.mkdir(parents=True, exist_ok=True)
        at_three = datetime(2026, 11, 23, 3, tzinfo=UTC).timestamp()
        (folder / "progress.jsonl").write_text(
            "".join(
                json.dumps({"step": step, "message": message, "at": at_three + 60 * minutes}) + "\n"
                for step, message, minutes in lines
            )
        )

    return write
