"""`govern notice`: the notice's chart, regenerated from the warehouse beside the published one."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from privacy_governance import disclosures
from privacy_governance.categories import Aspect
from privacy_governance.cli.terminal import out, print_table, table
from privacy_governance.errors import PublishingBlockedError
from privacy_governance.notice import HEADINGS
from privacy_governance.settings import settings
from privacy_governance.warehouse import open_warehouse

if TYPE_CHECKING:
    from privacy_governance.disclosures import Regenerated


# the notice's headings are too long for a row's head
HEADS = {
    HEADINGS[Aspect.PI_KIND]: "  PI",
    HEADINGS[Aspect.SOURCE]: "  sources",
    HEADINGS[Aspect.PURPOSE]: "  purposes",
    HEADINGS[Aspect.PARTY]: "  parties",
}


class Format(StrEnum):
    """How the charts are printed."""

    TABLE = "table"
    JSON = "json"


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(epilog="Example: govern notice --format json")(notice)


def notice(
    *,
    date: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day whose notice is meant; today (UTC) when left out."),
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.TABLE,
) -> None:
    """Print the notice's chart beside the one that the warehouse amounts to, row by row.

    The warehouse's chart is what the last night tagged. Exit codes: 0 they agree; 1 they differ; 2 cannot run.
    """
    on = date.date() if date else datetime.now(UTC).date()
    with open_warehouse(settings()) as warehouse:
        regenerated = disclosures.regenerate(warehouse, settings().dbt_project, on=on)
    if format_ is Format.JSON:
        typer.echo(as_json(regenerated))
    else:
        print_charts(regenerated)
    if regenerated.differences:
        raise PublishingBlockedError(
            f"the warehouse and the notice of {on} differ: {len(regenerated.differences)} differences, "
            "each named above with its fix."
        )


def as_json(regenerated: Regenerated) -> str:
    """Return charts and differences as a JSON document."""
    document = {
        "notice_of": regenerated.on.isoformat(),
        "agrees": not regenerated.differences,
        "columns_in_use": regenerated.columns,
        "parties_of_every_category": list(regenerated.parties_of_every_category),
        "rows": [pair._asdict() for pair in regenerated.pairs],
        "differences": [asdict(difference) for difference in regenerated.differences],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def print_charts(regenerated: Regenerated) -> None:
    """Print both charts cell by cell, a ≠ before each that differs; then every difference with its fix."""
    charts = table("", "", "", "the notice publishes", "the warehouse lives")
    for category, pairs in groupby(regenerated.pairs, key=lambda pair: pair.category):
        charts.add_row()
        charts.add_row("", f"[bold]{escape(category)}[/]")
        for pair in pairs:
            cells = (HEADS[pair.heading], pair.published or "—", pair.warehouse or "—")
            charts.add_row(
                " " if pair.agrees else "≠",
                *(escape(cell) for cell in cells),
                style=None if pair.agrees else "red",
            )
    print_table(charts)
    out.print(f"\nEvery category may also go to: {escape('; '.join(regenerated.parties_of_every_category))}.\n")
    for difference in regenerated.differences:
        out.print(f"[red]≠[/] {escape(difference.message)}")
    if not regenerated.differences:
        out.print(
            f"The warehouse agrees with the notice of {regenerated.on}, both ways: "
            f"{regenerated.columns} columns in use."
        )
