"""Small dbt projects, as dbt's artifacts describe them."""

from __future__ import annotations

import hashlib
import json

import pytest


class DbtProject:
    """A dbt project's folder: sources and models are added, then its manifest is written."""

    def __init__(self, folder):
        self.folder = folder
        self.nodes = {}
        self.sources = {}
        self.disabled = {}
        self.macros = {}
        self.adapter = "postgres"
        (folder / "target").mkdir(parents=True)
        (folder / "dbt_project.yml").write_text("name: shop\nmodel-paths: [models]\n")

    def source(self, name, columns, **node):
        """Add source table raw.<name>; `columns`: name → meta."""
        self.sources[f"source.shop.raw.{name}"] = {
            "resource_type": "source",
            "source_name": "raw",
            "schema": "raw",
            "identifier": name,
            "relation_name": f'"db"."raw"."{name}"',
            "original_file_path": "models/_raw__sources.yml",
            "config": {},
            "columns": {
                column: {"name": column, "data_type": "text", "config": {"meta": meta}}
                for column, meta in columns.items()
            },
            **node,
        }

    def model(self, name, sql, *on, schema="marts", folder="marts", **node):
        """Add a model and its file; `sql` None: dbt did not compile it."""
        path = f"models/{folder}/{name}.sql"
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"-- {name}\n")
        self.nodes[f"model.shop.{name}"] = {
            "resource_type": "model",
            "name": name,
            "alias": name,
            "schema": schema,
            "package_name": "shop",
            "relation_name": f'"db"."{schema}"."{name}"',
            "original_file_path": path,
            "fqn": ["shop", *folder.split("/"), name],
            "language": "sql",
            "checksum": {"name": "sha256", "checksum": hashlib.sha256(f"-- {name}".encode()).hexdigest()},
            "config": {"materialized": "view", "enabled": True, **node.pop("config", {})},
            "depends_on": {"nodes": list(on)},
            "columns": {},
            "compiled_code": sql,
            **node,
        }
        return file

    def written(self):
        """Write the manifest; return the folder."""
        manifest = {
            "metadata": {"adapter_type": self.adapter, "project_name": "shop"},
            "nodes": self.nodes,
            "sources": self.sources,
            "disabled": self.disabled,
            "macros": self.macros,
        }
        (self.folder / "target" / "manifest.json").write_text(json.dumps(manifest))
        return self.folder


@pytest.fixture
def shop(tmp_path):
    """A dbt project without models yet, with one source: raw.users(id, email)."""
    project = DbtProject(tmp_path / "shop")
    not_personal = {"ccpa_category": "none", "identifiability": "none", "reason": "A number."}
    email = {
        "pi_kind": "contact_information",
        "ccpa_category": "identifiers_general",
        "identifiability": "direct",
    }
    project.source("users", {"id": not_personal, "email": email})
    return project
