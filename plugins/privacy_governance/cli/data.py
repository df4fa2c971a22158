"""`govern generate` and `govern load`: fill `raw`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from privacy_governance.cli.terminal import out, print_table, table
from privacy_governance.errors import IntakeError
from privacy_governance.settings import settings


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(epilog="Example: govern generate --users 10000 --seed 7")(generate)
    app.command(epilog="Example: govern load ~/dumps/shop")(load)


def generate(
    *,
    users: Annotated[int, typer.Option(help="People to make up; each has about twenty events.")] = 2000,
    seed: Annotated[int, typer.Option(help="The same users, seed and day give the same rows.")] = 1,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day up to which they were active; today (UTC) when left out."),
    ] = None,
) -> None:
    """Write a made-up Segment-schema raw layer, with hard cases planted. Replaces what an earlier run wrote."""
    from privacy_governance.generation import generate as generate_layer
    from privacy_governance.warehouse import open_warehouse

    day = as_of.date() if as_of else datetime.now(UTC).date()
    with open_warehouse(settings()) as warehouse:
        made = generate_layer(warehouse, users=users, seed=seed, as_of=day)
    out.print(f"{sum(made.rows.values()):,} rows in {len(made.rows)} tables of raw, {made.seconds:.1f} s")


def load(
    folder: Annotated[Path, typer.Argument(help="Folder of CSV or JSON Lines files; a file becomes a table.")],
) -> None:
    """Load a dump into raw: types inferred, each file whole or not at all."""
    from privacy_governance.intake import load_dump
    from privacy_governance.warehouse import open_warehouse

    with open_warehouse(settings()) as warehouse:
        loaded = load_dump(warehouse, folder)
    files = table("", "file", "table", "rows", "columns", "")
    for file in loaded.files:
        state = file.state if not file.refusals else f"{file.state}: {file.refusals[0].reason}"
        names = (escape(file.file), escape(file.relation or ""))
        files.add_row(*names, f"{file.rows:,}", str(len(file.columns)), escape(state))
    print_table(files)
    out.print(f"{loaded.rows:,} rows in {len(loaded.loaded)} tables of raw")
    if loaded.refused:
        first = "; ".join(str(refusal) for file in loaded.refused for refusal in file.refusals[:1])
        raise IntakeError(f"{len(loaded.refused)} of {len(loaded.files)} files refused, the others are loaded: {first}")
