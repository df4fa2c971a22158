"""Trace every model of a project, and count what was answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from privacy_governance.errors import LineageError
from privacy_governance.projects.remedies import remedy
from privacy_governance.tracing import STAR, Edge, TracedModel, relations_of, trace_model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from privacy_governance.manifest import Model
    from privacy_governance.projects.project import Project
    from privacy_governance.warehouse.catalog import Schema


@dataclass(frozen=True)
class Unresolved:
    """What could not be told: of a column, or of all rows of a model (`column` None); why, and what to do."""

    model: str
    file: str
    column: str | None
    reason: str
    fix: str


@dataclass(frozen=True)
class TracedRelation:
    """Counts of a model: its output columns, those of them whose origin is told in full, and its edges by kind."""

    name: str
    relation: str
    file: str
    columns: int
    answered: int
    direct: int
    indirect: int
    unresolved: int


@dataclass(frozen=True)
class ProjectTrace:
    """The trace of a project."""

    project: Project
    relations: tuple[TracedRelation, ...]
    unresolved: tuple[Unresolved, ...]
    edges: tuple[Edge, ...]
    schema: Schema

    @property
    def columns(self) -> int:
        """Output columns of all models; a star that can't be expanded counts as one."""
        return sum(relation.columns for relation in self.relations)

    @property
    def answered(self) -> int:
        """Output columns whose every source is told."""
        return sum(relation.answered for relation in self.relations)

    @property
    def coverage(self) -> float:
        """Answered ÷ output columns."""
        return self.answered / self.columns


def trace_project(project: Project) -> ProjectTrace:
    """Trace the models in dependency order, each with the columns of those before it.

    Raises:
        LineageError: models that don't parse or have no columns; names the file and line of each.

    """
    schema = dict(project.catalog)
    relations: list[TracedRelation] = []
    unresolved: list[Unresolved] = []
    edges: list[Edge] = []
    problems: list[str] = []
    for model in relations_of(project.manifest):
        try:
            traced = _traced(project, model, schema)
        except LineageError as error:
            problems.append(str(error))
            continue
        schema[model.relation] = traced.readable
        edges += traced.edges
        found = list(_unresolved(model, traced))
        unresolved += found
        relations.append(_counted(model, traced, {each.column for each in found}))
    if problems:
        raise LineageError("\n".join(problems))
    if not relations:
        raise LineageError(f"{project.folder} has no model that builds a relation. Is it the project's folder?")
    return ProjectTrace(project, tuple(relations), tuple(unresolved), tuple(edges), schema)


def _traced(project: Project, model: Model, schema: Schema) -> TracedModel:
    reason = project.opaque.get(model.relation)
    if (reads := project.reads.get(model.relation)) is not None:
        schema = {relation: columns for relation, columns in schema.items() if relation in reads}
    if reason is None:
        traced = trace_model(model, schema, dialect=project.dialect)
        if not any(edge.kind == "unresolved" for edge in traced.edges) or model.relation in schema:
            return traced
        # an incremental model may read what it built before: columns that it has itself
        reading_itself = trace_model(model, {**schema, model.relation: traced.readable}, dialect=project.dialect)
        is_read = any(edge.source_relation == model.relation for edge in reading_itself.edges)
        return reading_itself if is_read else traced
    columns = schema.get(model.relation) or {STAR: ""}
    edges = tuple(Edge(model.relation, column, None, None, "unresolved", column, (), reason) for column in columns)
    return TracedModel(columns, edges)


def _unresolved(model: Model, traced: TracedModel) -> Iterator[Unresolved]:
    told = set()
    for edge in traced.edges:
        if edge.kind != "unresolved" or (edge.output_column, edge.reason) in told:
            continue
        told.add((edge.output_column, edge.reason))
        reason = edge.reason or "its origin can't be told"
        yield Unresolved(model.relation, model.file, edge.output_column, reason, remedy(reason))


def _counted(model: Model, traced: TracedModel, unanswered: set[str | None]) -> TracedRelation:
    kinds = [edge.kind for edge in traced.edges]
    return TracedRelation(
        name=model.name,
        relation=model.relation,
        file=model.file,
        columns=len(traced.columns),
        answered=len(traced.columns.keys() - unanswered),
        direct=kinds.count("direct"),
        indirect=kinds.count("indirect"),
        unresolved=kinds.count("unresolved"),
    )
