"""`govern hold`: keep a person's data for now, and let its deletion go on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from privacy_governance.cli.terminal import out, table
from privacy_governance.settings import settings

if TYPE_CHECKING:
    from privacy_governance.holds import Hold

Reason = Annotated[str, typer.Option(help="The ground, for the auditor; without naming the person.")]
Day = Annotated[
    datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="The day it is; today (UTC) when left out.")
]


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    hold = typer.Typer(no_args_is_help=True, help="Legal holds: keep a person's data for now, whatever was asked.")
    hold.command("add", epilog="Example: govern hold add --user-id u-17 --reason 'Preservation notice' --by legal")(add)
    hold.command("release", epilog="Example: govern hold release hold-4f1d22ab90c3")(release)
    hold.command("list", epilog="Example: govern hold list")(list_holds)
    app.add_typer(hold, name="hold", epilog="Example: govern hold list")


def add(
    *,
    user_id: Annotated[
        str, typer.Option(help="Whose data; - reads it from standard input, so that no shell keeps it.")
    ],
    reason: Reason,
    by: Annotated[str, typer.Option(help="Team or role that places it.")],
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day; until it is released when left out.")
    ] = None,
    day: Day = None,
) -> None:
    """Keep a user's data from today on: tombstones and retention pass it by."""
    from privacy_governance import holds
    from privacy_governance.warehouse import open_warehouse

    whom = typer.get_text_stream("stdin").readline() if user_id == "-" else user_id
    with open_warehouse(settings()) as warehouse, warehouse.connect("add a hold") as connection:
        hold = holds.add(connection, whom, reason=reason, by=by, until=until.date() if until else None, on=_day(day))
        is_known = holds.is_known(connection, whom)
    print_hold(hold)
    if not is_known:
        out.print(
            "[yellow]no row that a night has read is of this user[/]: check the id. The hold keeps rows that come."
        )


def release(hold_id: Annotated[str, typer.Argument(help="Id of the hold.")], *, day: Day = None) -> None:
    """End a hold with today: the next day's night deletes what was asked and what is past its retention."""
    from privacy_governance import holds
    from privacy_governance.warehouse import open_warehouse

    with open_warehouse(settings()) as warehouse, warehouse.connect("release a hold") as connection:
        hold = holds.release(connection, hold_id, on=_day(day))
    print_hold(hold)


def list_holds(*, day: Day = None) -> None:
    """List the holds, without whom they are about."""
    from privacy_governance import holds
    from privacy_governance.warehouse import open_warehouse

    on = _day(day)
    with open_warehouse(settings()) as warehouse, warehouse.connect("list holds") as connection:
        found = holds.every(connection)
    listing = table("", "hold", "from", "until", "", "by", "reason")
    for hold in found:
        listing.add_row(
            escape(hold.hold_id), str(hold.starts_on), str(hold.ends_on or "release"),
            "active" if hold.is_active(on) else "over", escape(hold.placed_by or ""), escape(hold.reason or ""),
        )  # fmt: skip
    out.print(listing)


def print_hold(hold: Hold) -> None:
    """Print what a hold does."""
    until = f"until {hold.ends_on}; the night after that deletes" if hold.ends_on else "until it is released"
    out.print(f"{hold.hold_id}: kept from {hold.starts_on} {until}")


def _day(day: datetime | None) -> date:
    return day.date() if day else datetime.now(UTC).date()
