"""`govern generate` and `govern load`: fill `raw`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import typer

from privacy_governance.cli.terminal import out, table
from privacy_governance.errors import IntakeError
from privacy_governance.generation import generate as generate_layer
from privacy_governance.intake import load_dump
from privacy_governance.settings import settings
from privacy_governance.warehouse import open_warehouse


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(epilog="Example: govern generate --users 10000 --seed 7")(generate)
    app.command(epilog="Example: govern load ~/dumps/shop")(load)


def generate(
    *,
    users: int = typer.Option(2000, min=1, help="People to make up; each has about twenty events."),
    seed: int = typer.Option(1, help="Same users, seed and date: same rows."),
    as_of: datetime = typer.Option(
        None, formats=["%Y-%m-%d"], help="Day up to which they were active; today (UTC) when left out."
    ),
) -> None:
    """Write a made-up Segment-schema raw layer, with the hard cases planted."""
    day = as_of.date() if as_of else datetime.now(UTC).date()
    with open_warehouse(settings()) as warehouse:
        made = generate_layer(warehouse, users=users, seed=seed, as_of=day)
    out.print(f"{sum(made.rows.values()):,} rows in {len(made.rows)} tables of raw, {made.seconds:.1f} s")


def load(folder: Path = typer.Argument(help="Folder of CSV or JSON Lines files; a file becomes a table.")) -> None:
    """Load a dump into raw: types inferred, each file whole or not at all."""
    with open_warehouse(settings()) as warehouse:
        loaded = load_dump(warehouse, folder)
    files = table("", "file", "relation", "rows", "columns", "")
    for file in loaded.files:
        first = file.refusals[0] if file.refusals else None
        state = "loaded" if first is None else f"refused: line {first.line}: {first.reason}"
        files.add_row(str(file.file), file.relation or "", f"{file.rows:,}", str(len(file.columns)), state)
    out.print(files)
    refused = [file for file in loaded.files if file.refusals]
    if refused:
        raise IntakeError(f"{len(refused)} of {len(loaded.files)} files refused, the others are loaded. Mend the lines named above.")
