"""One model's SQL to its columns and edges, given the columns of what it reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from privacy_governance.errors import LineageError
from privacy_governance.lineage import trace_query

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from privacy_governance.lineage import QueryTrace
    from privacy_governance.manifest import Manifest, Model
    from privacy_governance.warehouse.catalog import Schema

STAR = "*"
# a purge names rows to delete, and dbt writes an ephemeral model into those that read it
BUILDS_NOTHING = frozenset({"purge", "ephemeral"})


@dataclass(frozen=True)
class Edge:
    """A row of `governance.column_edges`; source None where no column flows (a constant, `count(*)`)."""

    output_relation: str
    output_column: str | None
    source_relation: str | None
    source_column: str | None
    kind: str
    transformation: str
    functions: tuple[str, ...]
    reason: str | None


@dataclass(frozen=True)
class TracedModel:
    """A model's columns with their types ("" where not evident), in order, and the edges that lead to them."""

    columns: Mapping[str, str]
    edges: tuple[Edge, ...]

    @property
    def readable(self) -> dict[str, str]:
        """The columns that another model may read: none where a star hides some, so that whatever reads it says so."""
        return {} if STAR in self.columns else dict(self.columns)


def trace_model(model: Model, schema: Schema, *, dialect: str = "postgres") -> TracedModel:
    """Trace one model; `schema` holds the columns of every relation that it may read.

    Raises:
        LineageError: the SQL can't be parsed or makes no columns; names the model's file.

    """
    try:
        traced = trace_query(model.sql, schema, dialect)
    except LineageError as error:
        raise LineageError(f"{model.file}: {error}") from None
    columns = {column: traced.types.get(column, "") for column in traced.columns}
    return TracedModel(columns, tuple(_edges(model.relation, traced)))


def relations_of(manifest: Manifest) -> tuple[Model, ...]:
    """Return the models that build a relation, in dependency order."""
    return tuple(model for model in manifest.models if model.materialization not in BUILDS_NOTHING)


def _edges(relation: str, traced: QueryTrace) -> Iterator[Edge]:
    for column, sql in traced.sourceless.items():
        yield Edge(relation, column, None, None, "direct", sql, (), None)
    for edge in traced.edges:
        yield Edge(
            relation,
            edge.output_column,
            edge.source_table,
            edge.source_column,
            edge.kind,
            edge.transformation.sql,
            edge.transformation.functions,
            edge.reason,
        )
