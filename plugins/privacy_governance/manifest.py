"""What dbt compiled: declared sources, and models and snapshots with their SQL, in the order they depend on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from privacy_governance.errors import DeclarationError
from privacy_governance.snapshots import with_snapshot_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


# dbt writes manifest.json anew at each command, with the SQL of that command's nodes only
COMPILED = "compiled_manifest.json"


@dataclass(frozen=True)
class Column:
    """A column as its YAML declares it."""

    name: str
    data_type: str | None
    meta: Mapping[str, Any]


@dataclass(frozen=True)
class Source:
    """A raw table as its YAML declares it."""

    source: str
    relation: str
    file: str
    meta: Mapping[str, Any]
    columns: Mapping[str, Column]


@dataclass(frozen=True)
class Model:
    """A model or a snapshot, with the SQL that dbt compiled for it; `depends_on` names models and snapshots."""

    name: str
    relation: str
    file: str
    sql: str
    materialization: str
    folder: tuple[str, ...]
    config: Mapping[str, Any]
    columns: Mapping[str, Column]
    description: str
    depends_on: frozenset[str] = frozenset()

    @property
    def meta(self) -> Mapping[str, Any]:
        """What the model's YAML says beyond dbt's own words."""
        meta: Mapping[str, Any] = self.config.get("meta") or {}
        return meta


@dataclass(frozen=True)
class IdentifierColumn:
    """A column in which people are named, by an identifier of `kind` (user_id, email, …)."""

    relation: str
    name: str
    kind: str


@dataclass(frozen=True)
class Manifest:
    """Sources, seeds and models of a compiled dbt project; models in dependency order."""

    sources: tuple[Source, ...]
    seeds: tuple[str, ...]
    models: tuple[Model, ...]

    def in_folder(self, *folder: str) -> tuple[Model, ...]:
        """Models below `models/<folder>`, in dependency order."""
        return tuple(model for model in self.models if model.folder[: len(folder)] == folder)


def read_manifest(target: Path) -> Manifest:
    """Read the manifest that the compile step kept in dbt's target folder.

    Raises:
        DeclarationError: no manifest, a model without compiled SQL, or models that depend on each other in a circle.

    """
    file = target / COMPILED
    if not file.is_file():
        raise DeclarationError(f"{file} is missing. Compile the dbt project first: govern nightly does.")
    manifest = json.loads(file.read_text())
    nodes: dict[str, Any] = {
        identifier: node
        for identifier, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "snapshot") and node["config"].get("enabled", True)
    }
    order = dependency_order({name: node["depends_on"]["nodes"] for name, node in nodes.items()})
    return Manifest(
        sources=tuple(_source(node) for node in manifest["sources"].values()),
        seeds=tuple(
            f"{node['schema']}.{node['name']}" for node in manifest["nodes"].values() if node["resource_type"] == "seed"
        ),
        models=tuple(_model(nodes[identifier]) for identifier in order),
    )


def owner_columns(target: Path, relation: str) -> tuple[str, ...]:
    """Return the columns of a source or model that tell whose a row is: `subject_key`, column meta `identifier`.

    Raises:
        DeclarationError: as `read_manifest`.

    """
    manifest = read_manifest(target)
    every: tuple[Source | Model, ...] = (*manifest.sources, *manifest.models)
    return tuple(
        dict.fromkeys(
            name
            for declared in every
            if declared.relation == relation
            for name in (
                declared.meta.get("subject_key"),
                *(column.name for column in declared.columns.values() if column.meta.get("identifier")),
            )
            if name
        )
    )


def identifier_columns(manifest: Manifest) -> tuple[IdentifierColumn, ...]:
    """Return the columns of sources whose YAML says that they hold an identifier, and of what kind."""
    return tuple(
        IdentifierColumn(source.relation, column.name, column.meta["identifier"])
        for source in manifest.sources
        for column in source.columns.values()
        if column.meta.get("identifier")
    )


def dependency_order(depends_on: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return the names so that each stands after those it depends on; what is not a name itself is passed over.

    Raises:
        DeclarationError: some depend on each other in a circle; names them.

    """
    sorter = TopologicalSorter({name: set(others) & depends_on.keys() for name, others in depends_on.items()})
    try:
        return tuple(sorter.static_order())
    except CycleError as error:
        circle = " → ".join(name.rsplit(".", 1)[-1] for name in error.args[1])
        raise DeclarationError(f"models depend on each other in a circle: {circle}. Break it in one of them.") from None


def quoted(name: str) -> str:
    """Return an identifier as it stands in SQL: quoted only where PostgreSQL needs it."""
    plain = name.isascii() and name.replace("_", "a").isalnum() and name == name.lower() and not name[:1].isdigit()
    return name if plain else '"' + name.replace('"', '""') + '"'


def _source(node: Mapping[str, Any]) -> Source:
    return Source(
        source=node["source_name"],
        relation=f"{quoted(node['schema'])}.{quoted(node['identifier'])}",
        file=node["original_file_path"],
        meta=node["config"].get("meta") or node.get("meta") or {},
        columns=declared_columns(node),
    )


def _model(node: Mapping[str, Any]) -> Model:
    sql = node.get("compiled_code")
    if not sql or not sql.strip():
        raise DeclarationError(f"{node['original_file_path']} has no compiled SQL: an empty model can't be traced.")
    if node["resource_type"] == "snapshot":
        sql = with_snapshot_columns(sql, node["config"], "postgres")
    return Model(
        name=node["name"],
        relation=f"{quoted(node['schema'])}.{quoted(node['alias'])}",
        file=node["original_file_path"],
        sql=sql,
        materialization=node["config"]["materialized"],
        folder=tuple(node["fqn"][1:-1]),
        config=node["config"],
        columns=declared_columns(node),
        description=node.get("description", ""),
        depends_on=frozenset(
            identifier.split(".")[2]
            for identifier in node["depends_on"]["nodes"]
            if identifier.startswith(("model.", "snapshot."))
        ),
    )


def declared_columns(node: Mapping[str, Any]) -> dict[str, Column]:
    """Return the columns that the YAML of a manifest's node declares, by their names."""
    return {
        column["name"]: Column(
            name=column["name"],
            data_type=column.get("data_type"),
            meta=(column.get("config") or {}).get("meta") or column.get("meta") or {},
        )
        for column in node["columns"].values()
    }
