"""`govern demo`: two nights on made-up people, from an empty folder to a published release."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from privacy_governance.cli.nightly import run_night
from privacy_governance.cli.terminal import out
from privacy_governance.errors import StepError
from privacy_governance.settings import settings

USERS = 2000
SEED = 1
# what the generator plants and no YAML declares; a person would tag it or have it removed
UNDECLARED_TABLE, UNDECLARED_COLUMN = "raw.users", "favorite_team"


def add_to(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command(epilog="Example: govern demo")(demo)


def demo(*, verbose: Annotated[bool, typer.Option("--verbose", help="Show the logs of Airflow.")] = False) -> None:
    """Fill the warehouse with made-up people and govern it: one night that is refused, and one that publishes."""
    from privacy_governance import progress
    from privacy_governance.generation import generate
    from privacy_governance.keys import make_key
    from privacy_governance.warehouse import open_warehouse

    make_key(settings())
    on = datetime.now(UTC).date()
    with open_warehouse(settings()) as warehouse:
        out.print("[bold]Made-up people[/]")
        with progress.unheard():
            made = generate(warehouse, users=USERS, seed=SEED, as_of=on)
        out.print(f"  [green]✓[/] {sum(made.rows.values()):,} rows in {len(made.rows)} tables of raw\n")
        if run_night(warehouse, on, verbose=verbose).verdict == "published":
            raise StepError(f"{UNDECLARED_TABLE}.{UNDECLARED_COLUMN} is undeclared and did not block publishing.")
        out.print(
            f"Nobody had decided about {UNDECLARED_TABLE}.{UNDECLARED_COLUMN}, so nothing was published. Say its owner "
            "decides that it should not be\nthere: the demo drops the column and runs the night again.\n"
        )
        with warehouse.connect("drop the undeclared column") as connection:
            connection.execute(f"alter table {UNDECLARED_TABLE} drop column {UNDECLARED_COLUMN}")
        facts = run_night(warehouse, on, verbose=verbose)
    if facts.verdict != "published":
        raise StepError(f"the demo's second night should have published: {facts.why}")
    out.print("Next: govern report --open · govern nightly --dry-run · govern up")
