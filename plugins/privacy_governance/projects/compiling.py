"""Compile this project where there is no warehouse: on an empty PostgreSQL of the run's own, made and thrown away.

The models fit themselves to the tables that are there, so every declared table must be: each is made as its YAML
declares it, whole and empty.
"""

from __future__ import annotations

import json
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import sql

from privacy_governance.errors import DeclarationError
from privacy_governance.keys import Keys
from privacy_governance.night import Night
from privacy_governance.transformations import Transformations
from privacy_governance.warehouse import Warehouse
from privacy_governance.warehouse.bootstrap import bootstrap
from privacy_governance.warehouse.embedded import embedded_server

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from privacy_governance.settings import Settings


def compile_without_a_warehouse(settings: Settings, *, on: date) -> int:
    """Compile the dbt project into its target folder, with a catalog of the declared tables; return how many they are.

    Touches no other database, whatever WAREHOUSE_URL says.

    Raises:
        StepError: a model doesn't compile; names it.
        DeclarationError: a declared column has no data_type; names it.

    """
    with (
        tempfile.TemporaryDirectory(prefix="govern-compile-") as folder,
        embedded_server(Path(folder) / "warehouse") as url,
    ):
        keys = Keys.derive(secrets.token_hex())
        night = Night(on, settings, Warehouse(url), keys)
        bootstrap(night.warehouse, fingerprints=keys.fingerprints())
        night.transformations.run("parse")
        manifest = json.loads((settings.dbt_project / "target" / "manifest.json").read_text(encoding="utf-8"))
        for source in manifest["sources"].values():
            _create(night.warehouse, source)
        night.transformations.run("build", "resource_type:seed")
        # without a night there is no release that the candidate's models could go on with
        transformations = Transformations(settings, night.warehouse, keys.session())
        transformations.compile_all()
        transformations.run("docs generate")
    return len(manifest["sources"])


def _create(warehouse: Warehouse, source: Mapping[str, Any]) -> None:
    schema, name = source["schema"], source["identifier"]
    columns = []
    for column in source["columns"].values():
        if not column.get("data_type"):
            raise DeclarationError(
                f"{schema}.{name}.{column['name']} has no data_type. Give it one in {source['original_file_path']}."
            )
        columns.append(sql.SQL("{} ").format(sql.Identifier(column["name"])) + sql.SQL(column["data_type"]))
    with warehouse.connect(f"make the declared table {schema}.{name}") as connection:
        connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
        connection.execute(
            sql.SQL("create table if not exists {} ({})").format(
                sql.Identifier(schema, name), sql.SQL(", ").join(columns)
            )
        )
