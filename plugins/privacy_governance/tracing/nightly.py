"""The night's trace: every model whose SQL or whose upstream's columns changed is traced anew, the others are kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from privacy_governance.manifest import read_manifest
from privacy_governance.tracing.digests import Digests
from privacy_governance.tracing.models import relations_of, trace_model
from privacy_governance.tracing.store import StoredModel, read, replace
from privacy_governance.warehouse.catalog import Schema, columns_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from privacy_governance.manifest import Model
    from privacy_governance.warehouse import Warehouse

SCHEMAS = (
    "raw",
    "staging",
    "intermediate",
    "research_candidate",
    "research",
    "research_previous",
    "governance",
    "audit",
)


@dataclass(frozen=True)
class Traced:
    """Counts of one trace; `retraced` of the models were traced anew."""

    models: int
    edges: int
    unresolved: int
    retraced: int


def trace(warehouse: Warehouse, target: Path) -> Traced:
    """Trace the project that dbt compiled into `target`; replace the edges of changed models in one transaction.

    Raises:
        LineageError: a model's SQL can't be parsed; names its file. All edges stay as they were.

    """
    models = relations_of(read_manifest(target))
    with warehouse.connect("trace") as connection:
        stored = read(connection)
        changed = retrace(models, columns_in(connection, SCHEMAS) | _releases(models), stored)
        kept = {model.relation for model in models} & stored.keys() - changed.keys()
        edges, unresolved = replace(connection, changed, kept)
    return Traced(len(models), edges, unresolved, len(changed))


def retrace(models: Iterable[Model], catalog: Schema, stored: Mapping[str, StoredModel]) -> dict[str, StoredModel]:
    """Return, traced anew, each model of which `stored` holds no trace of this very SQL over these very columns.

    `models` stand in dependency order; `catalog` gives the columns of what is not a model. Raises LineageError.
    """
    digests = Digests(catalog)
    changed: dict[str, StoredModel] = {}
    for model in models:
        digest = digests.of(model)
        known = stored.get(model.relation)
        if known is None or known.digest != digest:
            known = changed[model.relation] = StoredModel(digest, trace_model(model, digests.schema))
        digests.add(model.relation, known.traced.readable)
    return changed


def _releases(models: Iterable[Model]) -> Schema:
    """Return the columns of the releases that the candidate's models go on with, by contract: there may be none yet."""
    return {
        model.relation.replace("research_candidate.", schema, 1): {
            column.name: column.data_type or "" for column in model.columns.values()
        }
        for model in models
        for schema in ("research_candidate.", "research.", "research_previous.")
        if model.relation.startswith("research_candidate.")
    }
