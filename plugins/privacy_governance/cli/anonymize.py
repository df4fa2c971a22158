"""`govern anonymize`: publish any table k-anonymous, and say what that cost."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from privacy_governance.cli.terminal import out, print_table, table
from privacy_governance.settings import settings

if TYPE_CHECKING:
    from privacy_governance.generalization.anonymizing import Anonymized, Order


class Format(StrEnum):
    """How the measures are printed."""

    TABLE = "table"
    JSON = "json"


class Recoding(StrEnum):
    """Whether a column has one level for all rows."""

    GLOBAL = "global"
    LOCAL = "local"


EXAMPLE = (
    "Example: govern anonymize raw.adult --quasi age,sex,race --sensitive salary --hierarchies hierarchies "
    "--k 5 --l 2 --into research.adult"
)


def add_to(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command(epilog=EXAMPLE)(anonymize)


def anonymize(
    source: Annotated[str, typer.Argument(metavar="SCHEMA.TABLE", help="Table or view to anonymize.")],
    *,
    quasi: Annotated[str, typer.Option(help="Quasi-identifiers, with commas between them.")],
    hierarchies: Annotated[
        Path, typer.Option(help="Folder with <column>.csv (value;level 1;level 2;…) or hierarchies.yml.")
    ],
    into: Annotated[str, typer.Option(metavar="SCHEMA.TABLE", help="Table to write.")],
    k: Annotated[int, typer.Option("--k", min=1, help="Rows that every class has at least.")],
    sensitive: Annotated[str, typer.Option(help="Sensitive columns, published as they are under l and t.")] = "",
    keep: Annotated[str, typer.Option(help="Other columns to publish as they are; unnamed ones are left out.")] = "",
    l: Annotated[  # noqa: E741 -- the literature's name
        int | None, typer.Option("--l", min=1, help="Distinct sensitive values that every class has at least.")
    ] = None,
    t: Annotated[
        float | None,
        typer.Option("--t", min=0, max=1, help="Distance of a class's sensitive values from all rows' at most."),
    ] = None,
    suppression_limit: Annotated[
        float, typer.Option(help="Share of the rows that global recoding may leave out; local leaves nobody out.")
    ] = 0.05,
    recoding: Annotated[
        Recoding, typer.Option(help="One level a column (the optimum), or as much detail as each class allows.")
    ] = Recoding.GLOBAL,
    ranges: Annotated[
        bool, typer.Option(help="Local: show numbers and days as ranges such as 34..38, or as hierarchy nodes only.")
    ] = True,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the table if it exists; grants stay.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Find and measure; write nothing.")] = False,
    format_: Annotated[Format, typer.Option("--format", help="How to print the measures.")] = Format.TABLE,
) -> None:
    """Write a table in which nobody stands out by the quasi-identifiers, and print its measures.

    Every class of rows that agree in all quasi-identifiers has at least k rows, l distinct sensitive values, and
    sensitive values within t of the published table's. Rows left out are not in the table; they count with loss 1.
    """
    from privacy_governance.generalization.anonymizing import Order
    from privacy_governance.generalization.anonymizing import anonymize as run
    from privacy_governance.generalization.privacy_models import Privacy
    from privacy_governance.generalization.tables import relation
    from privacy_governance.warehouse import open_warehouse

    order = Order(
        source=relation(source),
        into=relation(into),
        quasi=_names(quasi),
        sensitive=_names(sensitive),
        hierarchies=hierarchies,
        privacy=Privacy(k, l, t),
        suppression_limit=suppression_limit,
        recoding=recoding.value,
        ranges=ranges,
        kept=_names(keep),
        replace=replace,
    )
    with open_warehouse(settings()) as warehouse:
        done = run(warehouse, order, dry_run=dry_run)
    if format_ is Format.JSON:
        typer.echo(json.dumps({"relation": into, "written": not dry_run, **asdict(done)}, indent=2))
    else:
        print_anonymized(order, done, dry_run=dry_run)


def print_anonymized(order: Order, done: Anonymized, *, dry_run: bool) -> None:
    """Print the measures, the levels chosen and the proof."""
    printed = table(f"{escape(str(order.into))}{' (dry run, not written)' if dry_run else ''}", "measure", "value")
    for name, value in done.measures.rows():
        text = "not counted" if value is None else f"{value:,.0f}" if value.is_integer() else f"{value:,.4f}"
        printed.add_row(name.replace("_", " "), text)
    print_table(printed)
    if done.levels is not None and done.proof is not None:
        chosen = ", ".join(f"{column} {level}" for column, level in done.levels.items())
        out.print(f"\nlevels      {chosen}")
        out.print(
            f"optimum     no levels under the limit lose less than {done.proof.bound:.4f} "
            f"({done.proof.evaluated_nodes:,} of {done.proof.lattice_nodes:,} choices evaluated, the others bounded)"
        )
    steps = ", ".join(f"{step} {seconds:.2f} s" for step, seconds in done.seconds.items())
    out.print(f"time        {steps}; {done.combinations:,} distinct combinations")


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
