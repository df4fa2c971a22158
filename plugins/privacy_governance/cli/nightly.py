"""`govern nightly`: one night's governance, through Airflow."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from privacy_governance.cli.terminal import Progression, out, print_table, table
from privacy_governance.errors import PublishingBlockedError, SettingsError, WarehouseError
from privacy_governance.locks import Lock
from privacy_governance.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.table import Table

    from privacy_governance.purging import PurgePlan
    from privacy_governance.report import NightFacts
    from privacy_governance.warehouse import Warehouse

FINDINGS_SHOWN = 5
BYTES_A_UNIT = 1000


def add_to(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command(epilog="Example: govern nightly --date 2026-11-23 --dry-run")(nightly)


def nightly(
    *,
    date_: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help="Night to govern; today (UTC) when left out."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be purged, and its digest; purge nothing.")
    ] = False,
    plan_digest: Annotated[
        str | None,
        typer.Option(help="Carry out exactly the plan with this digest, which a dry run printed, or purge nothing."),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show the logs of Airflow when done.")] = False,
) -> None:
    """Run one night: compile, trace, tag, tombstone, purge; then anonymize, validate, publish, report.

    Safe to run again for the same date: what is done stays done, and a run that was killed goes on. Nights go forward:
    one before a night that was decided, or that has not come, is refused.
    """
    on = date_.date() if date_ else datetime.now(UTC).date()
    if dry_run:
        print_plan(_plan(on))
        return
    from privacy_governance import purging
    from privacy_governance.warehouse import open_warehouse

    if plan_digest is not None and not re.fullmatch("[0-9a-f]{64}", plan_digest):
        raise SettingsError("--plan-digest takes the 64 hexadecimal digits that govern nightly --dry-run prints.")
    with open_warehouse(settings()) as warehouse:
        with warehouse.connect("order the plan") as connection:
            purging.order(connection, plan_digest, night=on.isoformat())
        facts = run_night(warehouse, on, verbose=verbose)
    if facts.verdict != "published":
        raise PublishingBlockedError(f"the release of {on} was refused: {facts.why}")


def run_night(warehouse: Warehouse, on: date, *, verbose: bool) -> NightFacts:
    """Run the night `on` through Airflow, print a line a step and a summary; return what happened.

    Raises:
        GovernanceError: the key is missing, another night is running, it is not this one's turn, or a step did not
            complete.

    """
    from privacy_governance import report
    from privacy_governance.keys import secret
    from privacy_governance.orchestration import Orchestration
    from privacy_governance.turns import require_its_turn

    orchestration = Orchestration(settings(), warehouse, secret(settings()))
    with only_night(warehouse):
        require_its_turn(warehouse, on)
        out.print(f"[bold]Night of {on}[/]")
        orchestration.prepare()
        log = orchestration.run_night(on, tell=Progression().tell)
        facts = report.gather(warehouse, settings(), night=on.isoformat())
    if verbose:
        out.print(log.read_text(), markup=False)
    print_summary(facts)
    return facts


@contextmanager
def only_night(warehouse: Warehouse) -> Iterator[None]:
    """Hold the warehouse's night lock.

    Raises:
        WarehouseError: another night holds it.

    """
    with warehouse.connect("take the night's lock", autocommit=True) as connection:
        if connection.execute("select pg_try_advisory_lock(%s)", [Lock.NIGHT]).fetchone() != (True,):
            raise WarehouseError("another night is running on this warehouse. Wait for it, then run this again.")
        yield


def print_summary(facts: NightFacts) -> None:
    """Print what a night did, what it found, and where its report is."""
    out.print()
    out.print(f"  purged      {facts.purged_rows:,} rows of {facts.purged_subjects:,} subjects and past retention")
    out.print(
        f"  tagged      {facts.tagged_columns or 0:,} columns, {facts.personal_columns or 0:,} personal, "
        f"{facts.unknown_columns or 0:,} unknown"
    )
    found = sum(rule.found for rule in facts.violations)
    out.print(f"  violations  {found:,} in {len(facts.violations)} rules")
    for rule in facts.violations:
        for finding in rule.first[:FINDINGS_SHOWN]:
            out.print(f"              [red]{rule.name.removeprefix('violation_')}[/] {escape(finding.finding)}")
        if rule.found > FINDINGS_SHOWN:
            out.print(f"              … {rule.found - FINDINGS_SHOWN:,} more in audit.{rule.name} and in the report")
    colour = "green" if facts.verdict == "published" else "red"
    out.print(f"  release     [bold {colour}]{facts.verdict}[/]: {escape(facts.why)}")
    out.print(f"  report      {settings().nights / facts.night.isoformat() / 'report.html'}\n")


def print_plan(plan: PurgePlan) -> None:
    """Print what a night would purge, how and why so, and what is over its limit."""
    if plan.purges:
        print_table(_planned(plan))
    else:
        out.print(f"Nothing would be purged in the night of {plan.night}")
    for strategy, reason in sorted({(purge.choice.strategy, purge.choice.reason) for purge in plan.purges}):
        out.print(f"  {strategy}: {reason}")
    for scan in plan.scans:
        out.print(f"  {escape(str(scan))}", soft_wrap=True)
    for excess in plan.excesses:
        out.print(f"  [red]over its limit[/] {escape(str(excess))}: a person has to approve it (govern review)")
    out.print(f"{plan.rows:,} rows; nothing was purged\nplan digest {plan.digest}", soft_wrap=True)


def _planned(plan: PurgePlan) -> Table:
    planned = table(
        f"Would be purged in the night of {plan.night}",
        "relation", "reason", "rows", "share", "subjects", "size", "strategy", "estimate",
    )  # fmt: skip
    for purge in plan.purges:
        kept = f" ({purge.redacted:,} redacted)" if purge.redacted else ""
        planned.add_row(
            escape(purge.relation),
            purge.reason,
            f"{purge.rows:,}{kept}",
            f"{purge.share:.2%}",
            f"{purge.subjects:,}",
            _size(purge.purged_bytes),
            purge.choice.strategy,
            f"{purge.choice.seconds:.1f} s",
        )
    return planned


def _size(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < BYTES_A_UNIT:
            return f"{size:,.0f} {unit}"
        size /= BYTES_A_UNIT
    return f"{size:,.1f} TB"


def _plan(on: date) -> PurgePlan:
    from privacy_governance import purging
    from privacy_governance.night import open_night, plan_purge

    with open_night(on) as night, only_night(night.warehouse):
        plan = plan_purge(night)
        with night.warehouse.connect("keep the plan") as connection:
            purging.record(connection, plan)
        return plan
