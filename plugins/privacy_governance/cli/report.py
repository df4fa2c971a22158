"""`govern report`: write a night's page again, from what the warehouse knows."""

from __future__ import annotations

import webbrowser
from datetime import UTC, datetime
from typing import Annotated

import typer

from privacy_governance.cli.terminal import out
from privacy_governance.settings import settings


def add_to(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command(name="report", epilog="Example: govern report --date 2026-11-23 --open")(write_report)


def write_report(
    *,
    date_: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help="Night to report on; today (UTC) when left out."),
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Write the auditor's page of a night: one HTML file, and the same as JSON."""
    from privacy_governance import report
    from privacy_governance.warehouse import open_warehouse

    on = date_.date() if date_ else datetime.now(UTC).date()
    with open_warehouse(settings()) as warehouse:
        report.require_ran(warehouse, settings(), on.isoformat())
        file = report.write(warehouse, settings(), night=on.isoformat())
    out.print(str(file))
    if open_:
        webbrowser.open(file.as_uri())
