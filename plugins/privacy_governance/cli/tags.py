"""`govern tags`: every column's tag, why it has it, and what to declare of what nobody did."""

from __future__ import annotations

import json
import webbrowser
from datetime import UTC, datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from privacy_governance.cli.tag_texts import as_csv, as_row, explanation_lines, level_of, print_tags, suggestion_text
from privacy_governance.cli.terminal import out
from privacy_governance.errors import PublishingBlockedError
from privacy_governance.settings import settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from privacy_governance.categories import Taxonomy
    from privacy_governance.explaining import Path

PATHS_SHOWN = 1000


class Format(StrEnum):
    """How tags are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Level(StrEnum):
    """How identifying a column's values are."""

    DIRECT = "direct"
    QUASI = "quasi"
    PSEUDONYMOUS = "pseudonymous"
    AGGREGATE = "aggregate"
    NONE = "none"


Day = Annotated[
    datetime | None,
    typer.Option(
        "--date", formats=["%Y-%m-%d"], help="Day whose statute letters are meant; today (UTC) when left out."
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    tags = typer.Typer(
        no_args_is_help=True, help="Every column's tag: list them, explain one, suggest what nobody declared."
    )
    tags.command("list", epilog="Example: govern tags list --relation 'research.*' --format json")(list_tags)
    tags.command("explain", epilog="Example: govern tags explain research.research_users.age_band")(explain)
    tags.command("suggest", epilog="Example: govern tags suggest --source segment > suggested.yml")(suggest)
    tags.command("docs", epilog="Example: govern tags docs --open")(docs)
    app.add_typer(tags, name="tags", epilog="Example: govern tags explain research.research_users.age_band")


def list_tags(
    *,
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.TABLE,
    relation: Annotated[
        str, typer.Option(help="Only relations like this, with * for anything: 'raw.*', '*.research_users'.")
    ] = "*",
    identifiability: Annotated[
        list[Level] | None, typer.Option(help="Only these; may be given more than once.", show_default=False)
    ] = None,
    unknown: Annotated[bool, typer.Option("--unknown", help="Only columns whose tag is unknown.")] = False,
    date: Day = None,
) -> None:
    """List the tag of every column that the last night saw."""
    from privacy_governance.explaining import read_tags
    from privacy_governance.warehouse import open_warehouse

    wanted = {str(level) for level in identifiability or ()} | ({"unknown"} if unknown else set())
    taxonomy = _taxonomy(date)
    with open_warehouse(settings()) as warehouse, warehouse.connect("list tags") as connection:
        tags = read_tags(connection)
    rows = [
        as_row(tag, taxonomy)
        for tag in tags
        if fnmatchcase(tag.relation, relation) and (not wanted or level_of(tag) in wanted)
    ]
    if format_ is Format.JSON:
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif format_ is Format.CSV:
        typer.echo(as_csv(rows), nl=False)
    else:
        print_tags(rows, len(tags))


def explain(
    column: Annotated[str, typer.Argument(help="schema.relation.column")],
    *,
    all_: Annotated[
        bool, typer.Option("--all", help="Print every path, not only the one of each source that says most.")
    ] = False,
    date: Day = None,
) -> None:
    """Print why a column has its tag: each path from a source column to it, step by step.

    Each step shows the SQL that made it and what that did to identifiability. An indirect step passes no value on: it
    decides a branch, a group or an order. What decides about whole rows is listed apart.
    """
    from privacy_governance import explaining
    from privacy_governance.warehouse import open_warehouse

    taxonomy = _taxonomy(date)
    with open_warehouse(settings()) as warehouse, warehouse.connect("explain a tag") as connection:
        known = explaining.read_lineage(connection)
    tag = explaining.find_column(column, known.tags.values())
    found = explaining.explain(tag.relation, tag.column, known)
    paths: Sequence[Path] = found.paths
    if all_:
        paths = tuple(islice(explaining.every_path(tag.relation, tag.column, known), PATHS_SHOWN))
    for line in explanation_lines(found, paths, taxonomy):
        out.print(line)
    if all_ and len(paths) == PATHS_SHOWN:
        out.print(f"\nStopped at {PATHS_SHOWN} paths; there may be more.")
    elif not all_ and found.has_more_paths:
        out.print("\nThere are more paths from these sources: --all prints them.")


def suggest(
    *,
    source: Annotated[str | None, typer.Option(help="Only tables of this source; all of them when left out.")] = None,
    relation: Annotated[str, typer.Option(help="Only relations like this, with * for anything: 'raw.survey*'.")] = "*",
    date: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day whose exceptions hold; today (UTC) when left out."),
    ] = None,
) -> None:
    """Print, ready to paste, a sources entry for every column without a tag; and the tags that values contradict.

    Columns are judged by name and by a sample of their values: one bounded scan a table. No value is printed. What is
    printed is YAML, its remarks are comments; nothing is written into a file. Needs no night: it reads the warehouse
    and the sources YAML as they are now.

    Exit codes: 0 nothing to do; 1 a column without a tag or a contradicted tag; 2 cannot run.
    """
    from privacy_governance import suggesting
    from privacy_governance.warehouse import open_warehouse

    on = date.date() if date else datetime.now(UTC).date()
    with open_warehouse(settings()) as warehouse:
        found = suggesting.suggest(warehouse, settings().dbt_project, on=on, source=source, relation=relation)
    typer.echo(suggestion_text(found))
    if found.entries or found.contradictions:
        raise PublishingBlockedError(
            f"columns without a tag: {found.untagged}; declared tags that values contradict: "
            f"{len(found.contradictions)}. Each is named above, with what to declare."
        )


def docs(
    *,
    date: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Night in whose session dbt looks; today (UTC) when left out."),
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Write dbt's documentation with every column's tag, why, and its path: one page that needs no server."""
    from privacy_governance import documenting
    from privacy_governance.explaining import read_tags
    from privacy_governance.night import open_night

    with open_night(date.date() if date else datetime.now(UTC).date()) as night:
        with night.warehouse.connect("document tags") as connection:
            tags = read_tags(connection)
        page = documenting.write(night.transformations, tags)
    out.print(str(page))
    if open_:
        webbrowser.open(page.as_uri())


def _taxonomy(date: datetime | None) -> Taxonomy:
    from privacy_governance.categories import load_taxonomy

    return load_taxonomy(settings().dbt_project, on=date.date() if date else datetime.now(UTC).date())
