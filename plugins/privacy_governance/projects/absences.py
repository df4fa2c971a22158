"""What was compiled without: a source's table or column that was not there, so that the SQL only looks harmless.

Macros that fit a model to what the warehouse has (this project's `declared_rows`, `union_relations`,
`fill_staging_columns`) write nulls for the rest. On the database of a pull request, that is often everything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from privacy_governance.manifest import quoted
from privacy_governance.tracing import relations_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from privacy_governance.manifest import Column, Model, Source
    from privacy_governance.projects.tracing import ProjectTrace

COMPILE_AGAIN = "Compile the project against a database that has it: an empty table will do."
HARMLESS = ("none", "aggregate", "pseudonymous", "quasi")


@dataclass(frozen=True)
class Absence:
    """A source, or a column of it, that a model names and its compiled SQL does not hold."""

    relation: str
    column: str
    file: str
    source: str
    reason: str


def absences(trace: ProjectTrace, relations: Set[str]) -> Iterator[Absence]:
    """Yield what is absent from the SQL of `relations` and of every model that leads to them."""
    reads: dict[str, set[tuple[str, str | None]]] = {}
    for edge in trace.edges:
        if edge.source_relation is not None:
            reads.setdefault(edge.output_relation, set()).add((edge.source_relation, edge.source_column))
    leading = _leading_to(relations, {relation: {source for source, _ in read} for relation, read in reads.items()})
    sources = {source.relation: source for source in trace.project.manifest.sources}
    for model in relations_of(trace.project.manifest):
        if model.relation in leading:
            read = reads.get(model.relation, set())
            for name in sorted(trace.project.depends_on.get(model.relation, ())):
                yield from _absent(model, sources[name], {column for source, column in read if source == name})


def _absent(model: Model, source: Source, read: set[str | None]) -> Iterator[Absence]:
    if not read:
        reason = f"the model names {source.relation}, and its compiled SQL does not read it. {COMPILE_AGAIN}"
        yield Absence(model.relation, "*", model.file, source.relation, reason)
        return
    for column in source.columns.values():
        if column.name not in read and _may_identify(column) and _is_nulled(column.name, model.sql):
            here = f"{source.relation}.{quoted(column.name)}"
            reason = f"the compiled SQL has a null in place of {here}. {COMPILE_AGAIN}"
            yield Absence(model.relation, column.name, model.file, here, reason)


def _may_identify(column: Column) -> bool:
    return column.meta.get("identifiability") not in HARMLESS


def _is_nulled(column: str, sql: str) -> bool:
    null = r"(?:\bnull\s*(?:::[^,\n]*?)?|\bcast\s*\(\s*null\s+as\s[^,\n]*?\))"
    return re.search(rf"{null}\s+as\s+[\"`\[]?{re.escape(column)}\b", sql, re.IGNORECASE) is not None


def _leading_to(relations: Set[str], reads: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(relations)
    while waiting:
        relation = waiting.pop()
        if relation not in found:
            found.add(relation)
            waiting += reads.get(relation, ())
    return found
