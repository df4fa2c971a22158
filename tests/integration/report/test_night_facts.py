"""What the report says of a night is what the warehouse holds of that very night."""

from __future__ import annotations

from dataclasses import astuple

import psycopg
import pytest

from lib.logins import login
from privacy_governance import report
from privacy_governance.errors import SettingsError
from privacy_governance.report import Verdict
from privacy_governance.warehouse.bootstrap import bootstrap

# what someone would do who knows how digests are made
REDO = "update governance.purge_receipts as receipt set digest = governance.receipt_digest(receipt) where receipt_id"


def test_a_refused_night_lists_every_rule_with_its_offenders(governed, project, night, decide):
    decide("refused", violations=60)
    facts = report.gather(governed, project, night=night)
    assert facts.verdict is Verdict.REFUSED
    assert "1 of 2 rules found offenders (violation_undeclared_column)" in facts.why
    (rule,) = facts.violations
    assert (rule.found, rule.offenders, len(rule.first)) == (60, 60, 50)
    assert {each.name for each in facts.rules.rows} == {
        "violation_release_under_k",
        "violation_undeclared_column",
    }


def test_purges_of_other_nights_are_not_counted(governed, project, night, decide):
    decide("refused", violations=60)
    facts = report.gather(governed, project, night=night)
    assert {each.reason: each.rows for each in facts.purged.rows} == {"retention": 30, "tombstone": 8}
    assert (facts.purged_rows, facts.purged_subjects) == (38, 1)
    assert {each.relation: each.purged for each in facts.retention.rows} == {
        "raw.tracks": 30,
        "raw.payments": 0,
    }


def test_a_night_without_a_decision_shows_no_violation_and_no_tag_of_another(governed, project, night, decide):
    decide("refused", night="2026-11-22", violations=60)
    facts = report.gather(governed, project, night=night)
    assert facts.verdict is Verdict.NOT_DECIDED
    assert facts.rules.rows == ()
    assert facts.rules.missing is not None
    assert facts.tagged_columns is None
    assert facts.released_columns.rows == ()


def test_a_night_that_a_later_decision_replaced_shows_none_of_its_findings(governed, project, night, decide):
    decide("published")
    decide("refused", night="2026-11-24", violations=60, decided_at="2026-11-24 04:00+00")
    facts = report.gather(governed, project, night=night)
    assert facts.verdict is Verdict.PUBLISHED
    assert facts.rules.rows == ()
    assert "2026-11-24" in facts.rules.missing
    assert facts.coverage.missing is not None


def test_an_earlier_night_that_was_run_again_is_the_one_decided_last(governed, project, night, decide):
    decide("published", night="2026-11-24", decided_at="2026-11-24 04:00+00")
    decide("refused", violations=60, decided_at="2026-11-24 09:00+00")
    assert report.gather(governed, project, night=night).violations


def test_offenders_that_changed_after_the_decision_are_a_caveat(governed, project, night, decide):
    decide("refused", violations=59)
    (caveat,) = report.gather(governed, project, night=night).caveats
    assert "59 offenders" in caveat
    assert "60" in caveat


def test_an_untouched_ledger_holds(governed, project, night):
    (chain,) = report.gather(governed, project, night=night).chain.rows
    assert (chain.receipts, chain.broken, chain.newest) == (5, 0, 5)


@pytest.mark.parametrize(
    ("tampering", "first_broken"),
    [
        ("update governance.purge_receipts set purged_rows = 3 where receipt_id = 2", 2),
        ("delete from governance.purge_receipts where receipt_id = 2", 3),
        ("delete from governance.purge_receipts where receipt_id = 1", 2),
        (f"update governance.purge_receipts set purged_rows = 3 where receipt_id = 2; {REDO} = 2", 3),
        (
            "delete from governance.purge_receipts where receipt_id = 4;"
            " update governance.purge_receipts set previous_digest ="
            " (select digest from governance.purge_receipts where receipt_id = 3) where receipt_id = 5;"
            f" {REDO} = 5",
            5,
        ),
    ],
)
def test_a_ledger_that_was_tampered_with_is_broken(governed, project, night, run, *, tampering, first_broken):
    run("alter table governance.purge_receipts disable trigger refuse_change", tampering)
    (chain,) = report.gather(governed, project, night=night).chain.rows
    assert chain.broken > 0
    assert chain.first_broken == first_broken


def test_open_requests_come_soonest_first_with_days_left_from_the_night(governed, project, night):
    facts = report.gather(governed, project, night=night)
    assert [(each.request_id, each.days_left) for each in facts.open_requests.rows] == [("r-2", -19), ("r-1", 42)]
    assert facts.overdue_requests == 1
    assert {each.state: each.requests for each in facts.request_states.rows} == {
        "tombstoned": 1,
        "on hold": 1,
        "refused": 1,
    }


def test_rows_purged_from_the_release_explain_what_is_missing_from_it(governed, project, night, run):
    run(
        "delete from research.research_users where ctid in (select ctid from research.research_users limit 3)",
        "insert into governance.purge_receipts (night, relation, reason, subject_token, purged_rows)"
        " values ('2026-11-23', 'research.research_users', 'tombstone', repeat('a', 64), 3)",
    )
    (standing,) = report.gather(governed, project, night=night).standing.rows
    assert (standing.rows, standing.purged_since) == (37, 3)


def test_only_expectations_of_the_night_are_counted(governed, project, night, run):
    run(
        "insert into audit.validation_results (night, suite, expectation, relation, is_met) values"
        " ('2026-11-22', 's', 'e', 'r', false), ('2026-11-23', 's', 'e', 'r', true)"
    )
    facts = report.gather(governed, project, night=night)
    assert [(each.met, each.unmet) for each in facts.suites.rows] == [(1, 0)]
    assert facts.unmet.rows == ()


def test_warnings_are_counted_apart_from_what_blocks(governed, project, night, run):
    run(
        "insert into audit.validation_results (night, suite, expectation, relation, is_met, severity) values"
        " ('2026-11-23', 's', 'late', 'r', false, 'warning'), ('2026-11-23', 's', 'broken', 'r', false, 'critical')"
    )
    facts = report.gather(governed, project, night=night)
    assert [(each.met, each.unmet, each.warned) for each in facts.suites.rows] == [(0, 1, 1)]
    assert [(each.expectation, each.severity) for each in facts.unmet.rows] == [
        ("broken", "critical"),
        ("late", "warning"),
    ]


def test_every_query_shown_gives_an_auditor_who_runs_it_the_figures_shown(governed, project, night, decide):
    decide("refused", violations=60)
    facts = report.gather(governed, project, night=night)
    shown = {
        name: figures
        for name, figures in vars(facts).items()
        if isinstance(figures, report.Figures) and figures.missing is None
    }
    assert len(shown) == 28
    # the rules' words and the chart's other side stand in the dbt project, beside the warehouse
    told_otherwise = {"rules", "chart"}
    with login(governed, member_of=["auditor"]) as url, psycopg.connect(url, options="-c timezone=UTC") as auditor:
        for name, figures in shown.items():
            rows = [
                tuple(tuple(value) if isinstance(value, list) else value for value in row)
                for row in auditor.execute(figures.sql.encode())
            ]
            if name in told_otherwise:
                assert len(rows) == len(figures.rows), name
            else:
                assert rows == [astuple(row) for row in figures.rows], name
        for rule in facts.rules.rows:
            assert auditor.execute(rule.sql.encode()).fetchall() == [astuple(each) for each in rule.first]


def test_gathering_changes_nothing_and_says_what_a_bare_warehouse_lacks(warehouse, project, night):
    facts = report.gather(warehouse, project, night=night)
    assert facts.verdict is Verdict.NOT_DECIDED
    assert "governance.purge_receipts" in facts.purged.missing
    bootstrap(warehouse, fingerprints={})
    assert report.gather(warehouse, project, night=night).purged.rows == ()


def test_a_night_that_is_no_date_is_refused(governed, project):
    with pytest.raises(SettingsError, match="YYYY-MM-DD"):
        report.gather(governed, project, night="../../etc")


def test_a_column_of_unknown_tag_is_named_with_what_to_do(governed, project, night, decide):
    decide("refused", violations=60)
    facts = report.gather(governed, project, night=night)
    (column,) = facts.unknown.rows
    assert (column.relation, column.column, column.in_all) == ("raw.users", "legacy", 1)
    assert (facts.tagged_columns, facts.personal_columns, facts.unknown_columns) == (3, 2, 1)
