"""`govern hold`: keep a person's data for now, and let its deletion go on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from privacy_governance.cli.terminal import out, print_table, table
from privacy_governance.settings import settings

if TYPE_CHECKING:
    from privacy_governance.holds import Hold

Whose = Annotated[
    str | None, typer.Option(help="Whose data; - reads it from standard input, so that no shell keeps it.")
]
Reason = Annotated[str, typer.Option(help="The ground, for the auditor; without naming the person.")]
Day = Annotated[
    datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="The day it is; today (UTC) when left out.")
]


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    hold = typer.Typer(no_args_is_help=True, help="Legal holds: keep a person's data for now, whatever was asked.")
    hold.command("add", epilog="Example: govern hold add --email - --reason 'Preservation notice' --by legal")(add)
    hold.command("release", epilog="Example: govern hold release hold-4f1d22ab90c3")(release)
    hold.command("list", epilog="Example: govern hold list")(list_holds)
    app.add_typer(hold, name="hold", epilog="Example: govern hold list")


def add(
    *,
    user_id: Whose = None,
    anonymous_id: Whose = None,
    email: Whose = None,
    phone: Whose = None,
    device_id: Whose = None,
    reason: Reason,
    by: Annotated[str, typer.Option(help="Team or role that places it.")],
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day; until it is released when left out.")
    ] = None,
    day: Day = None,
) -> None:
    """Keep a person's data from today on, by any identifier of theirs: tombstones and retention pass it by.

    All that rows tie to the identifier is kept; of one that several people share, the data of all of them.
    """
    from privacy_governance import holds
    from privacy_governance.warehouse import open_warehouse

    given = {
        "user_id": user_id, "anonymous_id": anonymous_id, "email": email, "phone": phone, "device_id": device_id,
    }  # fmt: skip
    named = {kind: identifier for kind, identifier in given.items() if identifier is not None}
    if len(named) != 1:
        options = ", ".join(f"--{kind.replace('_', '-')}" for kind in given)
        raise typer.BadParameter(f"name whose data has to be kept by one of {options}.")
    ((kind, identifier),) = named.items()
    if identifier == "-":
        identifier = typer.get_text_stream("stdin").readline()
    with open_warehouse(settings()) as warehouse, warehouse.connect("add a hold") as connection:
        hold = holds.add(
            connection, kind, identifier, reason=reason, by=by, until=until.date() if until else None, on=_day(day)
        )
        is_known = holds.is_known(connection, kind, identifier)
    print_hold(hold)
    if not is_known:
        out.print(
            f"[yellow]no row that a night has read is of this {kind}[/]: check it. The hold keeps rows that come."
        )


def release(hold_id: Annotated[str, typer.Argument(help="Id of the hold.")], *, day: Day = None) -> None:
    """End a hold with today: the next day's night deletes what was asked and what is past its retention."""
    from privacy_governance import holds
    from privacy_governance.warehouse import open_warehouse

    with open_warehouse(settings()) as warehouse, warehouse.connect("release a hold") as connection:
        hold = holds.release(connection, hold_id, on=_day(day))
    print_hold(hold)


def list_holds(*, day: Day = None) -> None:
    """List the holds, without whom they are about: the kinds they name, and how much the last night found."""
    from privacy_governance import holds
    from privacy_governance.warehouse import open_warehouse

    on = _day(day)
    with open_warehouse(settings()) as warehouse, warehouse.connect("list holds") as connection:
        found = holds.every(connection)
    listing = table("", "hold", "from", "until", "", "names", "identifiers kept", "user ids", "by", "reason")
    for hold in found:
        listing.add_row(
            escape(hold.hold_id or ""), str(hold.starts_on), str(hold.ends_on or "release"),
            "active" if hold.is_active(on) else "over", ", ".join(hold.kinds) or "[yellow]nobody[/]",
            f"{hold.identifiers:,}", f"{hold.people:,}", escape(hold.placed_by or ""), escape(hold.reason or ""),
        )  # fmt: skip
    print_table(listing)
    for hold in found:
        if hold.is_active(on) and hold.untied:
            kinds = ", ".join(hold.untied)
            out.print(f"{escape(hold.hold_id or '')}: no row ties its {kinds} to anything. Check it.")
    if any(hold.is_active(on) and not hold.identifiers for hold in found):
        out.print("0 identifiers: the last night found nobody whom the hold names, or the hold is younger.")


def print_hold(hold: Hold) -> None:
    """Print what a hold does."""
    until = f"until {hold.ends_on}; the night after that deletes" if hold.ends_on else "until it is released"
    out.print(f"{hold.hold_id}: kept from {hold.starts_on} {until}")


def _day(day: datetime | None) -> date:
    return day.date() if day else datetime.now(UTC).date()
