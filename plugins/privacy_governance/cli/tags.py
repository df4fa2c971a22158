"""`govern tags`: every column's tag, why it has it, and what to declare of what nobody did."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from itertools import groupby, islice
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer
from rich.markup import escape

from privacy_governance.cli.terminal import out, table
from privacy_governance.errors import PublishingBlockedError
from privacy_governance.manifest import quoted
from privacy_governance.settings import settings

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from privacy_governance.categories import Taxonomy
    from privacy_governance.explaining import Explanation, Filter, Path, Step
    from privacy_governance.suggesting import Suggested
    from privacy_governance.tagging import ColumnTag

PATHS_SHOWN = 1000
FIELDS = ("relation", "column", "categories", "letters", "identifiability", "origin", "reason")


class Row(TypedDict):
    """A column's tag as a JSON object; `letters` are those of Cal. Civ. Code 1798.140(v)(1)."""

    relation: str
    column: str
    categories: list[str]
    letters: list[str]
    identifiability: str
    origin: str
    reason: str | None
    path: list[str]


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


def suggestion_text(found: Suggested) -> str:
    """Return all suggestions as YAML documents, one a source, with what else there is to know as comments."""
    documents = []
    for entry in found.entries:
        tables = ", ".join(dict.fromkeys(each.relation for each in entry.suggestions))
        documents.append(f"{commented(paste_words(entry.file, entry.source, tables))}\n{entry.yaml}")
    remarks = [f"contradicted: {each.message} Confidence {each.confidence:.2f}." for each in found.contradictions]
    if found.contradictions:
        remarks.append("An exception to a contradicted tag names the rule violation_contradicted_tag.")
    remarks.append(
        f"Looked at {found.columns} columns of {found.tables} tables: {found.untagged} without a tag, "
        f"{len(found.contradictions)} tags contradicted, {found.tolerated} tolerated by an exception."
    )
    return "\n---\n".join([*documents, "\n".join(commented(remark) for remark in remarks)])


def paste_words(file: str | None, source: str, tables: str) -> str:
    """Return where an entry belongs."""
    if file:
        return f"{tables}: paste the columns into {file}, under the source {source}."
    return (
        f"{tables}: no sources YAML declares it. Save this as dbt_project/models/staging/{source}/"
        f"_{source}__sources.yml, or move the tables to the source they belong to; and give each table config.meta "
        "with subject_key, clock, sources, purposes and parties, as the other sources do."
    )


def commented(text: str) -> str:
    """Return text as comments of YAML."""
    return "\n".join(f"# {line}" for line in wrap(text, 110, break_long_words=False, break_on_hyphens=False))


def level_of(tag: ColumnTag) -> str:
    """Return the word for how identifying a column is; `unknown` where nobody can tell."""
    return str(tag.tag.identifiability) if tag.tag else "unknown"


def letters_of(tag: ColumnTag, taxonomy: Taxonomy) -> list[str]:
    """Return the letters of 1798.140(v)(1) that a column's categories stand for."""
    categories = tag.tag.categories if tag.tag else frozenset()
    return sorted({letter for category in categories for letter in taxonomy.letters(category)})


def as_row(tag: ColumnTag, taxonomy: Taxonomy) -> Row:
    """Return one column's tag as a JSON object."""
    return {
        "relation": tag.relation,
        "column": tag.column,
        "categories": sorted(tag.tag.categories) if tag.tag else [],
        "letters": letters_of(tag, taxonomy),
        "identifiability": level_of(tag),
        "origin": tag.origin,
        "reason": tag.reason,
        "path": list(tag.path),
    }


def as_csv(rows: Iterable[Row]) -> str:
    """Return rows as CSV with a header; several categories or letters are separated by blanks."""
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(row | {"categories": " ".join(row["categories"]), "letters": " ".join(row["letters"])})
    return text.getvalue()


def print_tags(rows: Sequence[Row], of_all: int) -> None:
    """Print rows as a table, each relation's under its name, and how many of all they are."""
    shown = table("", "column", "identifiability", "categories", "letters", "origin")
    shown.columns[0].no_wrap = True  # in a narrow window the categories fold, the names stay whole
    for relation, columns in groupby(rows, key=lambda row: row["relation"]):
        if shown.row_count:
            shown.add_row()
        shown.add_row(f"[bold]{escape(relation)}[/]")
        for row in columns:
            level = row["identifiability"]
            shown.add_row(
                f"  {escape(row['column'])}",
                level,
                ", ".join(row["categories"]),
                " ".join(row["letters"]),
                row["origin"],
                style="red" if level == "unknown" else None,
            )
    if rows:
        out.print(shown)
    out.print(f"{len(rows)} of {of_all} columns.")


def explanation_lines(found: Explanation, paths: Sequence[Path], taxonomy: Taxonomy) -> Iterable[str]:
    """Yield the lines of an explanation, marked up for the terminal."""
    yield f"[bold]{escape(full_name(found.tag))}[/]: {tag_words(found.tag, taxonomy)}"
    if not paths and not found.computed and found.tag.reason:
        yield f"  {found.tag.origin}: {escape(found.tag.reason)}"
    for gap in found.gaps:
        yield f"  [red]unresolved[/] at {escape(f'{gap.relation}.{gap.column}: {gap.reason}')}"
    told: set[tuple[Step, ...]] = set()
    for path in paths:
        yield ""
        yield from path_lines(path, taxonomy, told)
        told |= {path.steps[index:] for index in range(len(path.steps))}
    if not paths:
        for place in found.computed:
            yield f"  no column flows into {escape(f'{place.relation}.{place.column}: {place.reason}')}"
    if found.filters:
        yield ""
        yield "Which rows there are was decided by:"
        for clause in found.filters:
            yield from filter_lines(clause, taxonomy)


def path_lines(path: Path, taxonomy: Taxonomy, told: Container[tuple[Step, ...]]) -> Iterable[str]:
    """Yield one path: its source, then for each step its SQL, its effect, and the column that it made.

    A rest of at least two steps that another path has `told` already is not told again.
    """
    mark = "  [yellow](indirect)[/]" if path.is_indirect else ""
    yield f"from [bold]{escape(full_name(path.start))}[/]: {tag_words(path.start, taxonomy)}{mark}"
    for index, step in enumerate(path.steps):
        rest = path.steps[index:]
        if len(rest) > 1 and rest in told:
            yield "  … and on as above"
            return
        yield f"  {'↓' if step.kind == 'direct' else '⇣'} {escape(step.transformation)}"
        before, after = (str(level) if level is not None else "unknown" for level in (step.before, step.after))
        change = after if before == after else f"{before} → {after}"
        yield f"    [dim]{change}: {escape(step.reason)}[/]"
        yield f"  {escape(f'{step.relation}.{quoted(step.column)}')}"


def filter_lines(clause: Filter, taxonomy: Taxonomy) -> Iterable[str]:
    """Yield one clause with the columns that it reads."""
    yield f"  ⇣ {escape(clause.relation)}: {escape(clause.clause)}"
    for column in clause.columns:
        yield f"    [dim]{escape(full_name(column))}: {tag_words(column, taxonomy)}[/]"


def full_name(tag: ColumnTag) -> str:
    """Return schema, relation and column."""
    return f"{tag.relation}.{quoted(tag.column)}"


def tag_words(tag: ColumnTag, taxonomy: Taxonomy) -> str:
    """Return a tag in words: categories with the statute's letters, and how identifying it is."""
    if tag.tag is None:
        return "[red]unknown[/]"
    named = [f"{category} ({' '.join(sorted(taxonomy.letters(category)))})" for category in sorted(tag.tag.categories)]
    return (
        f"{', '.join(named)}{', ' if named else ''}{level_of(tag)}"
        if named or tag.tag.identifiability
        else "not personal"
    )


def _taxonomy(date: datetime | None) -> Taxonomy:
    from privacy_governance.categories import load_taxonomy

    return load_taxonomy(settings().dbt_project, on=date.date() if date else datetime.now(UTC).date())
