"""Names as the database compares them, and the tables of a schema by those names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlglot.dialects.dialect import Dialect, NormalizationStrategy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlglot import exp

    Schema = Mapping[str, Mapping[str, str]]

_PART = re.compile(r'"((?:[^"]|"")*)"|([^.]+)')
_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*\Z")

SYSTEM_COLUMNS = frozenset({"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"})


def folding_of(dialect: str) -> Callable[[str, bool], str]:
    """Return a dialect's (text, quoted) -> real name, e.g. PostgreSQL's lower-casing of unquoted names."""
    strategy = Dialect.get_or_raise(dialect).normalization_strategy
    if strategy is NormalizationStrategy.LOWERCASE:
        return lambda text, quoted: text if quoted else text.lower()
    if strategy is NormalizationStrategy.UPPERCASE:
        return lambda text, quoted: text if quoted else text.upper()
    if strategy is NormalizationStrategy.CASE_SENSITIVE:
        return lambda text, _quoted: text
    return lambda text, _quoted: text.lower()


def written_parts(name: str) -> list[tuple[str, bool]]:
    """Split a name as written in SQL into (text, quoted) parts: `raw."Mixed"` is raw, and Mixed in quotes."""
    return [
        (quoted.replace('""', '"'), True) if match.startswith('"') else (plain.strip(), False)
        for match, quoted, plain in ((m.group(), m.group(1) or "", m.group(2) or "") for m in _PART.finditer(name))
    ]


class Tables:
    """Finds the table of a schema that a query means, by its real name.

    The schema's keys are written as in SQL, one to three parts; a query may name more (its database) or fewer parts
    (relying on the search path), as long as only one table fits.
    """

    def __init__(self, schema: Schema, fold: Callable[[str, bool], str]) -> None:
        self._schema = schema
        self._fold = fold
        self._by_suffix: dict[tuple[str, ...], list[str]] | None = None

    def find(self, parts: tuple[str, ...]) -> list[str]:
        """Return the schema's keys that fit real name parts, the best fit only; several: ambiguous; none: unknown."""
        for start in range(len(parts) - 1):
            spelled = _spelled(parts[start:])
            if spelled in self._schema:
                return [spelled]  # the usual spelling: no index over a large schema is needed
        index = self._index()
        for start in range(len(parts)):
            found = index.get(parts[start:])
            if found and (start == 0 or all(len(written_parts(key)) == len(parts) - start for key in found)):
                return found
        return []

    def columns(self, key: str) -> dict[str, str]:
        """Return real column name -> name as the schema spells it, in order."""
        columns: dict[str, str] = {}
        for spelled in self._schema[key]:
            if spelled[:1] == '"' and spelled[-1:] == '"' and len(spelled) > 2:
                columns[spelled[1:-1].replace('""', '"')] = spelled
            else:
                columns[spelled] = spelled
        return columns

    def type_of(self, key: str, spelled: str) -> str:
        """Return the declared type of a column, "" where the schema has none."""
        return self._schema[key][spelled] or ""

    def _index(self) -> dict[tuple[str, ...], list[str]]:
        if self._by_suffix is None:
            index: dict[tuple[str, ...], list[str]] = {}
            for key in self._schema:
                real = tuple(self._fold(text, quoted) for text, quoted in written_parts(key))
                for start in range(len(real)):
                    index.setdefault(real[start:], []).append(key)
            self._by_suffix = index
        return self._by_suffix


def _spelled(parts: tuple[str, ...]) -> str:
    return ".".join(part if _PLAIN.match(part) else '"' + part.replace('"', '""') + '"' for part in parts)


def real_name(identifier: exp.Expr, fold: Callable[[str, bool], str]) -> str:
    """Return the real name of an identifier node."""
    return fold(identifier.name, bool(identifier.args.get("quoted")))
