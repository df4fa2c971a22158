"""`govern demo`: two nights on made-up people, from an empty folder to a published release."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

from privacy_governance.cli.nightly import run_night
from privacy_governance.cli.terminal import Progression, out
from privacy_governance.errors import StepError
from privacy_governance.generation import UNDECLARED, generate
from privacy_governance.keys import make_key
from privacy_governance.progress import Progress
from privacy_governance.settings import settings
from privacy_governance.warehouse import open_warehouse

USERS = 2000
SEED = 1


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(epilog="Example: govern demo")(demo)


def demo(*, verbose: bool = typer.Option(False, "--verbose", help="Show the logs of Airflow and dbt.")) -> None:
    """Fill the warehouse with made-up people, run the night, mend what it refuses, run it again."""
    make_key(settings())
    on = datetime.now(UTC).date()
    with open_warehouse(settings()) as warehouse:
        progression = Progression()
        made = generate(warehouse, users=USERS, seed=SEED, as_of=on)
        rows = f"{sum(made.rows.values()):,} rows in {len(made.rows)} tables of raw"
        progression.tell(Progress("generate", rows, datetime.now(UTC).timestamp()))
