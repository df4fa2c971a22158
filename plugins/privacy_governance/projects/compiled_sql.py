"""The SQL that dbt compiled for a node, and whether it still is what the project's files say."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from privacy_governance.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    Node = Mapping[str, Any]

NAMED = 5


def compiled_sql(folder: Path, node: Node) -> str | None:
    """Return a node's compiled SQL from the manifest, else from target/compiled; None where dbt compiled none."""
    sql = node.get("compiled_code") or node.get("compiled_sql")
    if sql and sql.strip():
        return str(sql)
    file = folder / "target" / "compiled" / node["package_name"] / node["original_file_path"]
    source = folder / node["original_file_path"]
    if not file.is_file() or (source.is_file() and source.stat().st_mtime > file.stat().st_mtime):
        return None
    return file.read_text(encoding="utf-8") or None


def require_all_compiled(folder: Path, manifest: Node, models: Mapping[str, Node]) -> None:
    """Refuse a manifest that does not hold the project's models as its files stand now.

    Raises:
        DeclarationError: names the models and the command to run.

    """
    again = f"Compile the project: dbt compile --project-dir {folder}"
    lacking = [
        node["original_file_path"]
        for node in models.values()
        if node["config"].get("materialized") != "ephemeral"
        and node.get("language", "sql") == "sql"
        and compiled_sql(folder, node) is None
    ]
    if len(lacking) == len(models):
        raise DeclarationError(f"the manifest in {folder / 'target'} has no compiled SQL: dbt only parsed. {again}")
    if lacking:
        raise DeclarationError(f"no compiled SQL of {_listed(lacking)}. {again}")
    project = manifest["metadata"].get("project_name")
    own = [node for node in models.values() if project is None or node["package_name"] == project]
    changed = [node["original_file_path"] for node in own if _has_changed(folder, node)]
    macros = [macro for macro in manifest.get("macros", {}).values() if macro["package_name"] == project]
    changed += sorted({macro["original_file_path"] for macro in macros if _is_rewritten(folder, macro)})
    if changed:
        raise DeclarationError(f"changed since they were compiled: {_listed(changed)}. {again}")
    known = {node["original_file_path"] for node in manifest["nodes"].values()}
    known |= {node["original_file_path"] for nodes in (manifest.get("disabled") or {}).values() for node in nodes}
    new = [file for file in _model_files(folder) if file not in known]
    if new:
        raise DeclarationError(f"not in the manifest: {_listed(new)}. {again}")


def _has_changed(folder: Path, node: Node) -> bool:
    checksum = node.get("checksum") or {}
    file = folder / node["original_file_path"]
    # a snapshot's checksum is not its file's: a file may hold several
    if node["resource_type"] != "model" or checksum.get("name") != "sha256" or not file.is_file():
        return False
    text = file.read_text(encoding="utf-8").strip()
    return hashlib.sha256(text.encode()).hexdigest() != str(checksum["checksum"])


def _is_rewritten(folder: Path, macro: Node) -> bool:
    file = folder / macro["original_file_path"]
    return file.is_file() and macro["macro_sql"].strip() not in file.read_text(encoding="utf-8")


def _model_files(folder: Path) -> list[str]:
    """Return the files below the project's model-paths, as a manifest names them; none where that can't be told."""
    file = folder / "dbt_project.yml"
    if not file.is_file() or (folder / ".dbtignore").is_file():  # what it leaves out is dbt's to tell
        return []
    try:
        project = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError:
        raise DeclarationError(f"{file} is not YAML. Correct it.") from None
    paths = project.get("model-paths") or project.get("source-paths") or ["models"]
    found = [each for path in paths for each in sorted(Path(folder, path).rglob("*.sql"))]
    return [each.relative_to(folder).as_posix() for each in found]


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
