"""Trace every model of the compiled project: its SQL becomes rows of `governance.column_edges`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from privacy_governance.errors import LineageError
from privacy_governance.lineage import trace_query
from privacy_governance.manifest import Manifest, Model, read_manifest
from privacy_governance.warehouse.catalog import Schema, columns_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from privacy_governance.warehouse import Warehouse

SCHEMAS = ("raw", "staging", "intermediate", "research_candidate", "research", "governance", "audit")


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
class Traced:
    """Counts of one trace."""

    models: int
    edges: int
    unresolved: int


def trace(warehouse: Warehouse, target: Path) -> Traced:
    """Trace the project that dbt compiled into `target`, and replace all edges in one transaction.

    Raises:
        LineageError: a model's SQL can't be parsed; names its file.

    """
    manifest = read_manifest(target)
    with warehouse.connect("trace") as connection:
        edges = tuple(edges_of(manifest, columns_in(connection, SCHEMAS)))
        connection.execute("truncate governance.column_edges")
        with connection.cursor().copy(
            "copy governance.column_edges (output_relation, output_column, source_relation, source_column, kind,"
            " transformation, functions, reason) from stdin"
        ) as copy:
            for edge in edges:
                copy.write_row(
                    (
                        edge.output_relation,
                        edge.output_column,
                        edge.source_relation,
                        edge.source_column,
                        edge.kind,
                        edge.transformation,
                        list(edge.functions),
                        edge.reason,
                    )
                )
    models = sum(1 for model in manifest.models if _builds_a_relation(model))
    return Traced(models, len(edges), sum(1 for edge in edges if edge.kind == "unresolved"))


def edges_of(manifest: Manifest, catalog: Schema) -> Iterator[Edge]:
    """Yield the edges of every model, in dependency order; `catalog` gives the columns of what is not a model."""
    schema = dict(catalog)
    for model in manifest.models:
        if not _builds_a_relation(model):
            continue
        try:
            traced = trace_query(model.sql, schema)
        except LineageError as error:
            raise LineageError(f"{model.file}: {error}") from None
        schema[model.relation] = {column: traced.types.get(column, "") for column in traced.columns}
        for column, sql in traced.sourceless.items():
            yield Edge(model.relation, column, None, None, "direct", sql, (), None)
        for edge in traced.edges:
            yield Edge(
                model.relation,
                edge.output_column,
                edge.source_table,
                edge.source_column,
                edge.kind,
                edge.transformation.sql,
                edge.transformation.functions,
                edge.reason,
            )


def _builds_a_relation(model: Model) -> bool:
    # a purge names rows to delete; nothing flows out of it
    return model.materialization != "purge"
