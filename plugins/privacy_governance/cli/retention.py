"""`govern retention`: how long each category is kept, why, and for which column which rule decided."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from privacy_governance.cli.terminal import out, print_table, table
from privacy_governance.errors import WarehouseError
from privacy_governance.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from privacy_governance.warehouse import Connection


class Format(StrEnum):
    """How the schedule is printed."""

    TEXT = "text"
    JSON = "json"


AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="Day whose rules are meant; today (UTC) when left out."),
]


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    retention = typer.Typer(no_args_is_help=True, help="How long each category is kept, and why.")
    retention.command("schedule", epilog="Example: govern retention schedule --as-of 2026-01-01")(schedule)
    retention.command("explain", epilog="Example: govern retention explain raw.pages.context_ip")(explain)
    retention.command("sweep", epilog="Example: govern retention sweep raw.pages")(sweep)
    app.add_typer(retention, name="retention", epilog="Example: govern retention schedule")


def schedule(
    *,
    as_of: AsOf = None,
    form: Annotated[
        Format, typer.Option("--format", help="text: for a notice; json: with every column.")
    ] = Format.TEXT,
) -> None:
    """Print the retention schedule by notice category: periods, purposes, grounds."""
    from privacy_governance import retention

    day = _day(as_of)
    with _session(day) as connection:
        categories = retention.scheduled_categories(connection)
        columns = retention.scheduled_columns(connection) if form is Format.JSON else ()
        known_from = retention.uses_known_from(connection)
    if form is Format.JSON:
        told = {
            "as_of": str(day),
            "uses_known_from": str(known_from),
            "categories": [asdict(each) for each in categories],
            "columns": [asdict(each) for each in columns],
        }
        typer.echo(json.dumps(told, indent=2))
        return
    typer.echo(f"Retention of personal information, as of {day}\n")
    _tell_unknown(day, known_from)
    typer.echo(retention.notice_text(categories))


def explain(
    column: Annotated[str, typer.Argument(help="schema.relation.column, e.g. raw.pages.context_ip")],
    *,
    as_of: AsOf = None,
) -> None:
    """Print the rule of each use of a column, and which of them decides how long it is kept."""
    from privacy_governance import retention

    relation, _, name = column.rpartition(".")
    with _session(_day(as_of)) as connection:
        uses = retention.scheduled_uses(connection, relation, name)
        decided = retention.scheduled_columns(connection, relation, name)
        known_from = retention.uses_known_from(connection)
    if not uses:
        raise WarehouseError(
            f"{column} has no declared use: it is no personal column of raw, or the warehouse lacks it. "
            "Look: govern tags explain " + column
        )
    _tell_unknown(_day(as_of), known_from)
    listing = table("", "purpose", "kind", "period", "from", "rule of", "ground")
    for use in uses:
        decides = any(
            use.clock_column == each.clock_column and use.period == each.period and use.purpose == each.purpose
            for each in decided
        )
        listing.add_row(
            "→" if decides else "", use.purpose, use.pi_kind, use.period or "no rule",
            "" if use.event is None else f"{use.event} ({use.clock_column or 'no clock'})", use.rule_scope or "",
            escape(use.ground or ""),
        )  # fmt: skip
    print_table(listing)
    for each in decided:
        if each.suspended_until:
            out.print(f"Kept by an exception until {each.suspended_until}.")
        elif each.cutoff is None:
            out.print("Kept, and nothing is published, until every use has a rule and a clock.")
        else:
            capped = ", capped for its sensitive kind" if each.is_capped else ""
            out.print(f"Kept {each.period} from {each.event}{capped}: values of rows before {each.cutoff} are past it.")


def sweep(
    relation: Annotated[str | None, typer.Argument(help="schema.relation; every one when left out.")] = None,
) -> None:
    """Let the next night look at every row for columns past their period, not only at what newly expired."""
    from privacy_governance import retention
    from privacy_governance.warehouse import open_warehouse

    with open_warehouse(settings()) as warehouse, warehouse.connect("sweep") as connection:
        columns = retention.sweep(connection, relation)
    out.print(f"The next night looks at every row of {columns} column(s).")


def _tell_unknown(day: date, known_from: date | None) -> None:
    if known_from is not None and day < known_from:
        typer.echo(
            f"Which column is used for what is known from {known_from} on: these are the rules of {day}, for the "
            f"columns and uses of {known_from}.\n"
        )


def _session(day: date) -> AbstractContextManager[Connection]:
    from contextlib import contextmanager

    from privacy_governance.warehouse import open_warehouse

    @contextmanager
    def session() -> Iterator[Connection]:
        told = {"timezone": "UTC", "governance.night": day.isoformat()}
        with (
            open_warehouse(settings()) as warehouse,
            warehouse.connect("read the schedule", session=told) as connection,
        ):
            yield connection

    return session()


def _day(given: datetime | None) -> date:
    return given.date() if given else datetime.now(UTC).date()
