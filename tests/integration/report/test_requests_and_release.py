"""Who waits, what stays, what came late, 11 CCR 7102, the plan beside its receipts, and the release's classes."""

from __future__ import annotations

import json
from datetime import date

import pytest

from privacy_governance import report
from privacy_governance.report.requests import Late, Metric, OnHold, UsedException, Waiting
from privacy_governance.report.risk import ClassSizes

SUBJECT = "repeat('e', 64)"
REQUEST = """
insert into governance.deletion_requests (request_id, regulation_type, subject_token, received_at, confirm_by, due_on,
    state, refusal, carried_out_on, answered_on)
values ('{id}', '{kind}', repeat('e', 64), '{at}', '{at}', '{at}', '{state}', {refusal}, {done}, {answered})
"""


@pytest.fixture
def ask(run):
    """Enters a request: id, kind, received, state, and when it was done and answered."""

    def enter(name, kind, at, state, *, done=None, answered=None):
        words = {
            "refusal": "'not verified'" if state in {"refused", "routed"} else "null",
            "done": f"'{done}'" if done else "null",
            "answered": f"'{answered}'" if answered else "null",
        }
        run(REQUEST.format(id=name, kind=kind, at=at, state=state, **words))

    return enter


def test_metrics_are_by_calendar_year_to_the_night_with_median_and_mean_days(governed, project, night, ask):
    ask("a", "DELETE_ONLY", "2026-02-01", "carried out", done="2026-02-05", answered="2026-02-05")
    ask("b", "SUPPRESS_WITH_DELETE", "2026-02-01", "carried out", done="2026-02-11", answered="2026-02-11")
    ask("c", "DELETE_ONLY", "2026-02-01", "refused", answered="2026-03-03")
    ask("d", "DELETE_ONLY", "2026-11-24", "received")
    ask("e", "SUPPRESS_ONLY", "2025-12-31", "routed")
    ask("f", "DELETE_ONLY", "2024-12-31", "carried out", done="2025-01-10", answered="2025-01-10")
    assert report.gather(governed, project, night=night).metrics.rows == (
        # r-3 of the fixture, of no known type, is a kind of its own
        Metric("2026 to date", "access", 1, 0, 1, 0, 0, 0, None, None),
        Metric("2026 to date", "delete", 5, 2, 1, 0, 2, 3, 10.0, 14.7),
        Metric("2025", "suppress only", 1, 0, 0, 1, 0, 0, None, None),
    )


def test_a_pending_review_is_shown_with_the_command_that_decides_it(governed, project, night, decide, run):
    run(
        "insert into governance.reviews (kind, about, finding, opened_on, decision, decided_by, decided_at) values"
        " ('identity', 'r-1', 'Reaches 60 identifiers.', '2026-11-20', null, null, null),"
        " ('identity', 'r-2', 'Reaches 70 identifiers.', '2026-11-20', 'approved', 'A. Lee', now())"
    )
    decide("refused", violations=60)
    facts = report.gather(governed, project, night=night)
    assert facts.reviews.rows == (Waiting(1, "identity", "r-1", "Reaches 60 identifiers.", date(2026, 11, 20), 3, 1),)
    text = report.write(governed, project, night=night).read_text()
    assert "govern review approve 1 --by NAME" in text
    assert "70 identifiers" not in text


def test_a_request_on_hold_names_the_holds_that_reach_it_by_any_identifier(governed, project, night, run):
    run(
        "insert into governance.request_identifiers values ('r-2', 'email', repeat('9', 64), '{}', false)",
        "insert into governance.held_identifiers values ('matter-7', repeat('9', 64)), ('matter-8', repeat('8', 64)),"
        " ('matter-3', repeat('b', 64))",
    )
    assert report.gather(governed, project, night=night).on_hold.rows == (
        OnHold("r-2", ("matter-3", "matter-7"), date(2026, 9, 20), date(2026, 11, 4), -19, 1),
    )


def test_rows_purged_after_the_night_that_carried_their_request_out_are_late(governed, project, night, ask, run):
    ask("done", "DELETE_ONLY", "2026-11-01", "carried out", done="2026-11-21")
    run(
        "insert into governance.purge_receipts (night, relation, reason, subject_token, request_id, purged_rows) values"
        f" ('2026-11-21', 'raw.pages', 'tombstone', {SUBJECT}, 'done', 100),"
        f" ('2026-11-22', 'raw.pages', 'tombstone', {SUBJECT}, 'done', 5),"
        f" ('2026-11-23', 'raw.pages', 'tombstone', {SUBJECT}, 'done', 2)"
    )
    assert report.gather(governed, project, night=night).late.rows == (Late("raw.pages", 2, 1, 7),)


def test_an_exception_is_shown_with_the_rows_it_redacted(governed, project, night, run):
    run(
        "create table governance.deletion_exceptions (relation text, column_name text, exception text, reason text,"
        " approver text, expires_on date)",
        "insert into governance.deletion_exceptions values"
        " ('raw.payments', 'amount', 'legal_obligation', 'Tax', 'Finance', '2027-01-01'),"
        " ('raw.payments', 'paid_at', 'legal_obligation', 'Tax', 'Finance', '2027-01-01')",
        "insert into governance.request_exceptions values"
        " ('r-1', 'raw.support_tickets', 'body', 'security', 'An attack', 'desk', '2026-11-21')",
        "insert into governance.purge_receipts"
        " (night, relation, reason, subject_token, request_id, purged_rows, redacted_columns) values"
        f" ('2026-11-23', 'raw.payments', 'tombstone', {SUBJECT}, 'r-1', 4, '{{billing_name}}'),"
        f" ('2026-11-23', 'raw.payments', 'tombstone', {SUBJECT}, 'r-1', 9, null)",
    )
    assert report.gather(governed, project, night=night).used_exceptions.rows == (
        UsedException(
            "legal_obligation",
            "raw.payments",
            "amount, paid_at",
            "deletion_exceptions.csv, Finance",
            None,
            4,
            date(2027, 1, 1),
        ),
        UsedException("security", "raw.support_tickets", "body", "a request", 1, 0, None),
    )


def test_a_plan_stands_beside_the_receipts_that_name_it(governed, project, night, run):
    plan = "insert into governance.purge_plans values ('{}', repeat('{}', 64), 'raw.pages', 'tombstone', {})"
    run(
        plan.format(night, "1", "8, 1, 40, 8192, 'delete', 'few rows', 0.1, '2026-11-23 03:00+00'"),
        plan.format(night, "2", "5, 1, 0, 0, 'delete', 'few rows', 0.1, '2026-11-23 02:00+00'"),
        plan.format("2026-11-22", "3", "5, 1, 10, 0, 'delete', 'few rows', 0.1"),
        "insert into governance.purge_receipts (night, relation, reason, subject_token, purged_rows, plan_digest)"
        f" values ('2026-11-23', 'raw.pages', 'tombstone', {SUBJECT}, 6, repeat('1', 64)),"
        f" ('2026-11-23', 'raw.pages', 'tombstone', {SUBJECT}, 2, repeat('1', 64))",
    )
    planned = report.gather(governed, project, night=night).plans.rows
    assert [(each.plan_digest[0], each.rows, each.purged, each.share) for each in planned] == [
        ("1", 8, 8, 0.2),
        ("2", 5, 0, None),
    ]


def test_the_copys_head_says_how_many_receipts_were_written_since(governed, project, night, run):
    run(
        "insert into governance.ledger_copies (copy_id, digest, newest_receipt) values"
        " (1, repeat('1', 64), 2), (2, repeat('2', 64), 3)"
    )
    (copy,) = report.gather(governed, project, night=night).copy.rows
    assert (copy.copies, copy.copy_id, copy.newest_receipt, copy.not_copied) == (2, 2, 3, 2)


@pytest.fixture
def compiled(project):
    """A manifest that declares the quasi-identifiers of the released table."""
    model = {
        "resource_type": "model",
        "name": "research_users",
        "config": {"meta": {"quasi_identifiers": ["country"]}},
    }
    (project.dbt_project / "target").mkdir()
    manifest = {"nodes": {"model.research_users": model}, "sources": {}}
    (project.dbt_project / "target" / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.usefixtures("compiled")
def test_classes_of_the_standing_release_are_counted_by_size_and_plotted(governed, project, night, decide, run):
    run(
        "alter table research.research_users add column country text",
        "delete from research.research_users",
        "insert into research.research_users select 'a' || n, 'FR' from generate_series(1, 9) as n",
        "insert into research.research_users select 'b' || n, 'DE' from generate_series(1, 5) as n",
        "insert into research.research_users select 'c' || n, null from generate_series(1, 1000) as n",
        "insert into research.research_users select 'd', 'Rare country' from generate_series(1, 3) as n",
        "insert into governance.releases (night, content_digest, relations, released_rows)"
        " values ('2026-11-23', repeat('e', 64), '{research_users}', 1017)",
    )
    decide("published")
    facts = report.gather(governed, project, night=night)
    table = "research.research_users"
    assert facts.class_sizes.rows == (
        ClassSizes(table, 1, 1, 1),
        ClassSizes(table, 5, 2, 14),
        ClassSizes(table, 1000, 1, 1000),
    )
    page = report.write(governed, project, night=night)
    text = page.read_text()
    assert text.count("<svg") == 2
    assert 'aria-label="Rows by release"' in text
    assert 'aria-label="Classes of research.research_users by number of subjects"' in text
    assert "Rare country" not in text + page.with_suffix(".json").read_text()


@pytest.mark.usefixtures("compiled")
def test_a_release_without_its_quasi_identifiers_has_no_class_sizes_and_says_so(governed, project, night):
    assert "no country" in report.gather(governed, project, night=night).class_sizes.missing


def test_a_personal_column_that_the_candidate_reads_is_named_with_what_it_flows_into_or_decides(
    governed, project, night, decide, run
):
    run(
        "insert into governance.column_edges values"
        " ('research_candidate.research_users', 'subject_token', 'raw.users', 'email', 'direct', 'call', '{}', null),"
        " ('research_candidate.research_users', null, 'raw.users', 'legacy', 'indirect', 'filter', '{}', null),"
        " ('staging.stg_users', 'email', 'raw.users', 'email', 'indirect', 'filter', '{}', null)"
    )
    decide("refused", violations=60)
    near = report.gather(governed, project, night=night).near_research.rows
    assert [(each.column, each.into, each.decides) for each in near] == [
        ("legacy", (), True),
        ("email", ("research_users.subject_token",), False),
    ]
