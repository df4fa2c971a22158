"""The schema file of a folder of .sql files: table → columns → types, and tags where a column is personal.

    raw.users:
      id: text
      email: {type: text, pi_kind: contact_information, ccpa_category: identifiers_general, identifiability: direct}
      "Created At":                 # a real name; quote it as YAML wants
    raw."Orders": [id, user_id]     # a table as SQL spells it; a list where types don't matter

YAML or JSON. A type may be left out: it helps to expand composite values only.
"""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - read when it runs
from typing import TYPE_CHECKING, Any

import yaml

from privacy_governance.errors import DeclarationError
from privacy_governance.manifest import Column

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = ("schema.yml", "schema.yaml", "schema.json")


class _Loader(yaml.SafeLoader):
    """YAML whose mappings may not say the same key twice: the first would be lost without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        keys: list[Any] = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = [key for at, key in enumerate(keys) if key in keys[:at]]
        if twice:
            line = node.start_mark.line + 1
            raise yaml.YAMLError(f"{twice[0]} stands twice in the mapping at line {line}")
        return super().construct_mapping(node, deep)


def find_schema_file(folder: Path) -> Path | None:
    """Return the schema file of a folder of SQL files, None where it has none."""
    return next((folder / name for name in NAMES if (folder / name).is_file()), None)


def read_schema_file(file: Path) -> dict[str, dict[str, Column]]:
    """Return the columns of each table, by the table's name as it stands in the file.

    Raises:
        DeclarationError: no such file, not YAML, or not of the form above; names file, table and column.

    """
    try:
        document = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except OSError:
        raise DeclarationError(f"{file} can't be read. Name a schema file: --schema FILE") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DeclarationError(f"{file} is neither YAML nor JSON: {' '.join(str(error).split())}") from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise DeclarationError(f"{file} is not a mapping of tables to their columns: {_EXAMPLE}")
    return {str(table): _columns(file, str(table), columns) for table, columns in document.items()}


_EXAMPLE = "raw.users: {id: text, email: text}"


def _columns(file: Path, table: str, columns: object) -> dict[str, Column]:
    if isinstance(columns, list):
        columns = dict.fromkeys(columns)
    if not isinstance(columns, dict) or not columns:
        raise DeclarationError(f"{file}: {table} has no columns. Write them as {_EXAMPLE}")
    return {str(name): _column(f"{file}: {table}.{name}", str(name), column) for name, column in columns.items()}


def _column(where: str, name: str, column: object) -> Column:
    if column is None or isinstance(column, str):
        return Column(name, column, {})
    if not isinstance(column, dict):
        raise DeclarationError(f"{where} is neither a type nor a mapping with type and tag. Write it as {_EXAMPLE}")
    meta: Mapping[str, Any] = {key: value for key, value in column.items() if key != "type"}
    data_type = column.get("type")
    return Column(name, None if data_type is None else str(data_type), meta)
