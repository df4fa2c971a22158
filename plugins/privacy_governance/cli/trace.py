"""`govern trace`: the column lineage of any dbt project or folder of SQL, and the gate of a pull request."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from privacy_governance.cli.terminal import err, out, print_table, table
from privacy_governance.errors import PublishingBlockedError
from privacy_governance.settings import settings

if TYPE_CHECKING:
    from privacy_governance.categories import Taxonomy
    from privacy_governance.projects import Exposure, ProjectTrace

NOTED = 5


class Format(StrEnum):
    """How to print."""

    TABLE = "table"
    JSON = "json"


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(name="compile", epilog="Example: govern compile && govern trace dbt_project --protect research")(
        compile_project
    )
    app.command(epilog="Example: govern trace dbt_project --protect research_candidate")(trace)


def trace(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A compiled dbt project, or a folder of .sql files.")],
    *,
    dialect: Annotated[
        str | None, typer.Option(help="SQL dialect by sqlglot's name; the manifest's adapter when left out.")
    ] = None,
    schema: Annotated[
        Path | None, typer.Option(help="Columns of the tables beside .sql files; DIR/schema.yml when left out.")
    ] = None,
    protect: Annotated[
        str | None,
        typer.Option(metavar="SCHEMA", help="Schema or folder of models that must hold no direct identifier."),
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.TABLE,
) -> None:
    """Trace the columns of somebody's dbt project or folder of SQL, without a warehouse.

    Exits with 1 where a column's origin can't be told, or where --protect finds one exposed.
    """
    from privacy_governance.projects import exposed, read_project, trace_project

    traced = trace_project(read_project(folder, dialect=dialect, schema=schema))
    exposures = exposed(traced, _taxonomy(folder), protect) if protect is not None else ()
    if format_ is Format.JSON:
        typer.echo(as_json(traced, exposures, protect))
    else:
        print_trace(traced, exposures, protect)
    found = []
    if traced.unresolved:
        found.append(f"{len(traced.unresolved)} unresolved, each named above with its fix")
    if exposures:
        found.append(f"{len(exposures)} columns of {protect} exposed or unknown: {_named(exposures)}")
    if found:
        raise PublishingBlockedError(f"{folder}: {'; '.join(found)}.")


def compile_project() -> None:
    """Compile this dbt project without a warehouse: on an empty PostgreSQL of its own, made and thrown away.

    What a pull request needs before `govern trace`; no data and no key.
    """
    from privacy_governance.projects.compiling import compile_without_a_warehouse

    tables = compile_without_a_warehouse(settings(), on=datetime.now(UTC).date())
    out.print(f"compiled against {tables} declared tables, all empty: {settings().dbt_project / 'target'}")


def as_json(traced: ProjectTrace, exposures: tuple[Exposure, ...], protect: str | None) -> str:
    """Return a trace as a JSON document."""
    document = {
        "dialect": traced.project.dialect,
        "columns": traced.columns,
        "answered": traced.answered,
        "coverage": round(traced.coverage, 4),
        "models": [asdict(relation) for relation in traced.relations],
        "unresolved": [asdict(each) for each in traced.unresolved],
        "sources_known_from_yaml_only": list(traced.project.partly_known),
        "protected": protect,
        "exposed": [asdict(each) for each in exposures],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def print_trace(traced: ProjectTrace, exposures: tuple[Exposure, ...], protect: str | None) -> None:
    """Print the models' counts, then what is unresolved and what is exposed, each with its reason and fix."""
    counts = table("", "model", "columns", "answered", "direct edges", "indirect", "unresolved")
    for relation in traced.relations:
        counts.add_row(
            escape(relation.relation),
            *(str(number) for number in (relation.columns, relation.answered, relation.direct, relation.indirect)),
            str(relation.unresolved or ""),
            style=None if relation.answered == relation.columns and not relation.unresolved else "red",
        )
    print_table(counts)
    for each in traced.unresolved:
        where = f"{each.model}.{each.column}" if each.column else f"{each.model} (bears on all rows)"
        out.print(f"\n[red]?[/] {escape(where)}, in {escape(each.file)}: {escape(each.reason)}\n  {escape(each.fix)}")
    for found in exposures:
        kind = f"{found.identifiability}, {', '.join(found.categories)}" if found.categories else found.identifiability
        out.print(f"\n[red]✗[/] [bold]{escape(f'{found.relation}.{found.column}')}[/] is {escape(kind)}")
        out.print(f"  path: {escape(' → '.join(found.path))}\n  {escape(found.reason)} ({escape(found.file)})")
    out.print(
        f"\n{len(traced.relations):,} models, {traced.answered:,} of {traced.columns:,} output columns answered: "
        f"coverage {percent(traced.answered, traced.columns)}"
    )
    if protect is not None and not exposures:
        out.print(f"No column of {escape(protect)} is a direct identifier or unknown.")
    if partly := traced.project.partly_known:
        more = f" and {len(partly) - NOTED} more" if len(partly) > NOTED else ""
        err.print(
            f"[dim]Known from YAML only: {escape(', '.join(partly[:NOTED]))}{more}. A column their YAML leaves out "
            "can't be seen behind a `select *`; dbt docs generate writes target/catalog.json, which lists all.[/]"
        )


def percent(part: int, whole: int) -> str:
    """Return a share in percent, rounded down: 100 % is said of the whole only."""
    return f"{part * 1000 // whole / 10:.1f} %"


def _named(exposures: tuple[Exposure, ...]) -> str:
    more = f" and {len(exposures) - NOTED} more" if len(exposures) > NOTED else ""
    return ", ".join(f"{each.relation}.{each.column}" for each in exposures[:NOTED]) + more


def _taxonomy(folder: Path) -> Taxonomy:
    """Return the project's own taxonomy where its seeds hold one, else this project's."""
    from privacy_governance.categories import load_taxonomy

    own = (folder / "seeds" / "pi_kinds.csv").is_file()
    return load_taxonomy(folder if own else settings().dbt_project, on=datetime.now(UTC).date())
