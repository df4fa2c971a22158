"""What the last trace left: `governance.traced_models` (digest and columns) beside `governance.column_edges`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from privacy_governance.tracing.models import TracedModel

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from privacy_governance.warehouse import Connection

# A model's edges are not read back: they stay where they are as long as its digest does.
STORED = """
select model.relation, model.digest, model.columns, model.types
from governance.traced_models as model
left join (select output_relation, count(*) as edges from governance.column_edges group by 1) as kept
    on model.relation = kept.output_relation
where model.edges = coalesce(kept.edges, 0)
"""
COPY_MODELS = "copy governance.traced_models (relation, digest, columns, types, edges) from stdin"
COPY_EDGES = (
    "copy governance.column_edges (output_relation, output_column, source_relation, source_column, kind,"
    " transformation, functions, reason) from stdin"
)


@dataclass(frozen=True)
class StoredModel:
    """A model's trace and the digest of all that it depends on; one read from the warehouse is without edges."""

    digest: str
    traced: TracedModel


def read(connection: Connection) -> dict[str, StoredModel]:
    """Return the models of the last trace by their relations, less those that don't have all of their edges any more.

    Holds every other trace off until the transaction ends.
    """
    connection.execute("lock table governance.traced_models in share row exclusive mode")
    return {
        relation: StoredModel(digest, TracedModel(dict(zip(columns, types, strict=True)), ()))
        for relation, digest, columns, types in connection.execute(STORED)
    }


def replace(connection: Connection, changed: Mapping[str, StoredModel], kept: Iterable[str]) -> tuple[int, int]:
    """Put the traces of `changed` in place, keep those of the relations `kept`, and drop every other.

    Returns how many edges there are now, and how many of them are unresolved.
    """
    kept = list(kept)
    connection.execute("delete from governance.traced_models where relation <> all(%s)", [kept])
    connection.execute("delete from governance.column_edges where output_relation <> all(%s)", [kept])
    with connection.cursor() as cursor:
        with cursor.copy(COPY_MODELS) as copy:
            for relation, model in changed.items():
                columns = model.traced.columns
                edges = len(model.traced.edges)
                copy.write_row((relation, model.digest, list(columns), list(columns.values()), edges))
        with cursor.copy(COPY_EDGES) as copy:
            for model in changed.values():
                for edge in model.traced.edges:
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
    counted = connection.execute(
        "select count(*), count(*) filter (where kind = 'unresolved') from governance.column_edges"
    ).fetchone()
    return counted or (0, 0)
