"""Tell what kind of project a folder holds, and read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot.dialects.dialect import Dialect

from privacy_governance.errors import DeclarationError
from privacy_governance.projects.dbt_project import read_dbt_project
from privacy_governance.projects.sql_folder import read_sql_folder

if TYPE_CHECKING:
    from pathlib import Path

    from privacy_governance.projects.project import Project


def read_project(folder: Path, *, dialect: str | None = None, schema: Path | None = None) -> Project:
    """Read a dbt project (it has a dbt_project.yml, or target/manifest.json), or a folder of .sql files.

    Args:
        folder: the project's folder.
        dialect: sqlglot's name of the SQL dialect; by default that of the manifest's adapter, PostgreSQL for SQL files.
        schema: file with the columns of a SQL folder's tables; by default its schema.yml, schema.yaml or schema.json.

    Raises:
        DeclarationError: there is no such project, it is not compiled, or it contradicts itself; says what to run.

    """
    if dialect is not None and Dialect.get(dialect) is None:
        known = ", ".join(sorted(name for name in Dialect.classes if name))
        raise DeclarationError(f"there is no dialect {dialect}. Use one of {known}.")
    if not folder.is_dir():
        raise DeclarationError(f"{folder} is not a folder. Name the folder of a dbt project or of .sql files.")
    if (folder / "dbt_project.yml").is_file() or (folder / "target" / "manifest.json").is_file():
        if schema is not None:
            raise DeclarationError(
                f"{folder} is a dbt project: its sources' YAML declares columns. Leave out --schema."
            )
        return read_dbt_project(folder, dialect)
    return read_sql_folder(folder, dialect or "postgres", schema)
