"""Tags, explanations and suggestions as what `govern tags` prints."""

from __future__ import annotations

import csv
import io
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING, TypedDict

from rich.markup import escape

from privacy_governance.cli.terminal import out, print_table, table
from privacy_governance.manifest import quoted

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from privacy_governance.categories import Taxonomy
    from privacy_governance.explaining import Explanation, Filter, Path, Step
    from privacy_governance.suggesting import Suggested
    from privacy_governance.tagging import ColumnTag

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
        print_table(shown)
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
