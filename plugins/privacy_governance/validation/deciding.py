"""Decide whether a night's candidate may be published, and record the decision with its evidence."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from psycopg import sql

from privacy_governance import publishing
from privacy_governance.validation.outcome import FEW, WARNING, Expected, Validation, ViolationCount
from privacy_governance.validation.suites import run_suites

if TYPE_CHECKING:
    from privacy_governance.settings import Settings
    from privacy_governance.warehouse import Connection, Warehouse

RULE = "violation\\_%"

RELATIONS = """
select format('%%I.%%I', relnamespace::regnamespace::text, relname)
from pg_class
where relkind in ('r', 'p', 'v', 'm', 'f') and relnamespace::regnamespace::text = any(%s)
"""
# tables that a person decided to do without
EXCUSED = """
select relation from governance.governance_exceptions
where rule = 'violation_missing_source_table' and %(night)s::date between approved_on and expires_on
"""
EXCEPTIONS = "governance.governance_exceptions"
READ_SCHEMAS = ("raw", publishing.CANDIDATE, "audit", "governance")

# a repeated night that finds the same leaves its row alone: published stays published, decided when it was
RECORD = """
insert into governance.nights as night (night, state, violations, candidate_digest, decided_at)
values (%(night)s, %(state)s, %(violations)s, %(digest)s, now())
on conflict (night) do update set
    state = excluded.state,
    violations = excluded.violations,
    candidate_digest = excluded.candidate_digest,
    decided_at = excluded.decided_at
where
    (case night.state when 'published' then 'validated' else night.state end, night.violations, night.candidate_digest)
    is distinct from (excluded.state, excluded.violations, excluded.candidate_digest)
"""
RESULT_COLUMNS = "suite, expectation, relation, column_name, is_met, observed, severity"


def validate(warehouse: Warehouse, settings: Settings, *, night: str) -> Validation:
    """Run every suite and count every violation; record results and decision in one transaction.

    The same night again replaces its results; if it finds the same, nothing changes. `governance.nights` becomes
    `validated`, with the digest of the candidate it holds for, or `refused`; publishing refuses any other
    candidate. A published night stays so as long as the candidate is the same.

    Args:
        warehouse: with `audit.violation_*` as built for this night.
        settings: where `expectations/` is.
        night: ISO date.

    Raises:
        StepError: a suite could not be run at all.
        WarehouseError: unreachable, or a statement failed.

    """
    with warehouse.connect("list relations to validate") as connection:
        relations = frozenset(name for (name,) in connection.execute(RELATIONS, [list(READ_SCHEMAS)]))
        excused = (
            frozenset(name for (name,) in connection.execute(EXCUSED, {"night": night}))
            if EXCEPTIONS in relations
            else frozenset()
        )
    results = run_suites(warehouse, settings.expectations, night=night, relations=relations, excused=excused)
    with warehouse.connect("record the validation") as connection:
        # a violation counted here and a candidate digested below must be of the same moment
        connection.execute("set transaction isolation level repeatable read")
        outcome = Validation(
            night=night,
            violations=_violations(connection),
            unmet=tuple(result for result in results if not result.is_met and result.severity != WARNING),
            expectations=len(results),
            warned=tuple(result for result in results if not result.is_met and result.severity == WARNING),
        )
        _record_results(connection, night, results)
        digest, _rows = publishing.content_digest(connection, publishing.CANDIDATE)
        connection.execute(
            RECORD,
            {
                "night": night,
                "state": "validated" if outcome.met else "refused",
                "violations": outcome.offenders,
                "digest": digest if outcome.met else None,
            },
        )
    return outcome


def _violations(connection: Connection) -> tuple[ViolationCount, ...]:
    """Count every rule's table in `audit`, whether or not a suite knows it."""
    rules = connection.execute(
        "select relname::text from pg_class where relnamespace = 'audit'::regnamespace"
        " and relkind in ('r', 'p', 'v', 'm') and relname like %s order by 1",
        [RULE],
    ).fetchall()
    counted = (_violation(connection, rule) for (rule,) in rules)
    return tuple(violation for violation in counted if violation.listed)


def _violation(connection: Connection, rule: str) -> ViolationCount:
    table = sql.Identifier("audit", rule)
    listed, offenders = connection.execute(
        sql.SQL("select count(*), coalesce(sum(offenders), 0)::bigint from {}").format(table)
    ).fetchone() or (0, 0)
    findings = connection.execute(
        sql.SQL("select finding from {} order by relation, column_name, finding limit {}").format(table, FEW)
    )
    return ViolationCount(rule, offenders, tuple(finding for (finding,) in findings), listed)


def _record_results(connection: Connection, night: str, results: tuple[Expected, ...]) -> None:
    rows = [
        (found.reader, found.expectation, found.relation, found.column, found.is_met, found.observed, found.severity)
        for found in results
    ]
    recorded = connection.execute(
        sql.SQL("select {} from audit.validation_results where night = %s").format(sql.SQL(RESULT_COLUMNS)), [night]
    ).fetchall()
    if Counter(recorded) == Counter(rows):
        return
    connection.execute("delete from audit.validation_results where night = %s", [night])
    with connection.cursor().copy(
        sql.SQL("copy audit.validation_results (night, {}) from stdin").format(sql.SQL(RESULT_COLUMNS))
    ) as copy:
        for row in rows:
            copy.write_row((night, *row))
