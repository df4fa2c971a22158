"""A dbt project from what dbt left in target/: the manifest, the compiled SQL, and the catalog where there is one."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlglot.dialects.dialect import Dialect

from privacy_governance.errors import DeclarationError
from privacy_governance.lineage.names import folding_of
from privacy_governance.manifest import Manifest, Model, Source, declared_columns, dependency_order
from privacy_governance.projects.compiled_sql import compiled_sql, require_all_compiled
from privacy_governance.projects.project import Name, Project, name_of, shortest
from privacy_governance.snapshots import with_snapshot_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from privacy_governance.manifest import Column

    Node = Mapping[str, Any]
    Nodes = dict[str, Any]

MODELS = ("model", "snapshot")
# dbt's adapters whose dialect sqlglot knows by another name
DIALECTS = {
    "alloydb": "postgres",
    "databricks": "databricks",
    "fabric": "fabric",
    "fabricspark": "spark",
    "glue": "spark",
    "greenplum": "postgres",
    "sqlserver": "tsql",
    "synapse": "tsql",
}


def read_dbt_project(folder: Path, dialect: str | None) -> Project:
    """Read a compiled dbt project.

    Raises:
        DeclarationError: no manifest, models that are not compiled or changed since, or a circle; says what to run.

    """
    target = folder / "target"
    manifest = _document(
        target / "manifest.json", missing=f"Compile the project first: dbt compile --project-dir {folder}"
    )
    if not isinstance(manifest, dict) or not {"nodes", "sources", "metadata"} <= manifest.keys():
        raise DeclarationError(f"{target / 'manifest.json'} is not a dbt manifest. Write it anew: dbt compile")
    dialect = dialect or _dialect(manifest["metadata"].get("adapter_type"))
    nodes = {
        identifier: node
        for identifier, node in manifest["nodes"].items()
        if node["resource_type"] in (*MODELS, "seed") and node["config"].get("enabled", True)
    }
    models = {identifier: node for identifier, node in nodes.items() if node["resource_type"] in MODELS}
    if not models:
        raise DeclarationError(f"{target / 'manifest.json'} has no models. Is {folder} the project's folder?")
    order = dependency_order({identifier: node["depends_on"]["nodes"] for identifier, node in models.items()})
    require_all_compiled(folder, manifest, models)
    named = {**nodes, **manifest["sources"]}
    names = {identifier: _name(node, dialect) for identifier, node in named.items()}
    spell = shortest(set(names.values()))
    relations = {identifier: spell(name) for identifier, name in names.items()}
    catalog = _document(target / "catalog.json", missing=None)
    columns = _Columns(folder, manifest["metadata"].get("project_name"), relations, catalog or {}, folding_of(dialect))
    return Project(
        folder=folder,
        dialect=dialect,
        manifest=Manifest(
            sources=tuple(_sources(named, relations)),
            seeds=tuple(relations[identifier] for identifier in nodes if identifier not in models),
            models=tuple(_model(folder, models[identifier], relations[identifier], dialect) for identifier in order),
        ),
        catalog=dict(columns.of(identifier, node) for identifier, node in named.items() if _is_given(node)),
        opaque={
            relations[identifier]: f"a {node['language'].capitalize()} model has no SQL to trace"
            for identifier, node in models.items()
            if node.get("language", "sql") != "sql"
        },
        partly_known=tuple(
            relations[identifier]
            for identifier, node in manifest["sources"].items()
            if node["columns"] and not columns.in_catalog(identifier)
        ),
        depends_on={
            relations[identifier]: frozenset(
                relations[on] for on in node["depends_on"]["nodes"] if on in manifest["sources"]
            )
            for identifier, node in models.items()
        },
        reads={},
    )


class _Columns:
    """Columns of what no SQL tells: as the catalog lists them, else as YAML declares them, else a seed's header."""

    def __init__(
        self,
        folder: Path,
        project: str | None,
        relations: Mapping[str, str],
        catalog: Node,
        fold: Callable[[str, bool], str],
    ) -> None:
        self._project = project
        self._folder = folder
        self._relations = relations
        self._catalog: Nodes = {**(catalog.get("nodes") or {}), **(catalog.get("sources") or {})}
        self._fold = fold

    def in_catalog(self, identifier: str) -> bool:
        return identifier in self._catalog

    def of(self, identifier: str, node: Node) -> tuple[str, dict[str, str]]:
        """Return a relation and its columns with their types, spelled as YAML spells them where it does."""
        declared = declared_columns(node)
        found = self._catalog.get(identifier)
        if found is not None:
            by_position = sorted(found["columns"].values(), key=lambda column: int(column.get("index") or 0))
            spelling = {self._fold(name, False): name for name in declared}  # noqa: FBT003 - as unquoted SQL
            columns = {
                column["name"]
                if column["name"] in declared
                else spelling.get(column["name"], column["name"]): column.get("type") or ""
                for column in by_position
            }
        elif node["resource_type"] == "seed":
            columns = dict.fromkeys(self._header(node), "") | _types(node["config"].get("column_types") or {})
        else:
            columns = {name: column.data_type or "" for name, column in declared.items()}
        return self._relations[identifier], columns

    def _header(self, node: Node) -> list[str]:
        """Return a seed's column names: of its file the first line only is read."""
        package = node.get("package_name", self._project)
        inside = self._folder if self._project in (None, package) else self._folder / "dbt_packages" / package
        for root in (inside, Path(node.get("root_path") or inside)):
            file = root / node["original_file_path"]
            if file.is_file():
                with file.open(newline="", encoding="utf-8-sig") as lines:
                    delimiter = node["config"].get("delimiter") or ","
                    return next(csv.reader(lines, delimiter=delimiter), [])
        return list(node["columns"])  # a package that is not installed here: as its YAML says


def _types(column_types: Mapping[str, str]) -> dict[str, str]:
    return {name: str(data_type) for name, data_type in column_types.items()}


def _is_given(node: Node) -> bool:
    return node["resource_type"] in ("source", "seed") or node.get("language", "sql") != "sql"


def _sources(named: Nodes, relations: Mapping[str, str]) -> Iterable[Source]:
    for identifier, node in named.items():
        declared = declared_columns(node)
        # a seed is policy or reference data until its YAML tags a column of it
        is_tagged_seed = node["resource_type"] == "seed" and any(_is_tagged(column) for column in declared.values())
        if node["resource_type"] == "source" or is_tagged_seed:
            yield Source(
                source=node.get("source_name", "seed"),
                relation=relations[identifier],
                file=node["original_file_path"],
                meta=node["config"].get("meta") or node.get("meta") or {},
                columns=declared,
            )


def _is_tagged(column: Column) -> bool:
    return bool(column.meta.keys() & {"pi_kind", "ccpa_category", "identifiability"})


def _model(folder: Path, node: Node, relation: str, dialect: str) -> Model:
    materialization = node["config"].get("materialized", "view")
    sql = ""
    if materialization != "ephemeral" and node.get("language", "sql") == "sql":
        sql = compiled_sql(folder, node) or ""
        if node["resource_type"] == "snapshot":
            sql = with_snapshot_columns(sql, node["config"], dialect)
    return Model(
        name=node["name"],
        relation=relation,
        file=node["original_file_path"],
        sql=sql,
        materialization=materialization,
        folder=tuple(node["fqn"][1:-1]),
        config=node["config"],
        columns=declared_columns(node),
        description=node.get("description", ""),
    )


def _name(node: Node, dialect: str) -> Name:
    if node.get("relation_name"):
        return name_of(node["relation_name"], dialect)
    own = node.get("identifier") or node.get("alias") or node["name"]
    return tuple(part for part in (node.get("database"), node.get("schema"), own) if part)


def _dialect(adapter: str | None) -> str:
    dialect = DIALECTS.get(adapter or "", adapter)
    if not dialect or Dialect.get(dialect) is None:
        raise DeclarationError(
            f"the manifest's adapter {adapter} is not known. Name its SQL dialect: --dialect postgres"
        )
    return dialect


def _document(file: Path, *, missing: str | None) -> Any:  # noqa: ANN401 - JSON, checked where it is used
    if not file.is_file():
        if missing is None:
            return None
        raise DeclarationError(f"{file} is missing. {missing}")
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        raise DeclarationError(f"{file} is not JSON. Let dbt write it anew: dbt compile") from None
