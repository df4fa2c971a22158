"""What a model's trace depends on, as one digest: its SQL, the columns it may read, and the code that traces."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from privacy_governance import lineage
from privacy_governance.lineage.names import written_parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from privacy_governance.manifest import Model
    from privacy_governance.warehouse.catalog import Schema

_WORD = re.compile(r"[\w$]+")


class Digests:
    """Digests of models in dependency order, over a schema that grows by each model's columns.

    Which relations a model reads is not parsed but taken generously: every relation whose name occurs among the words
    of its SQL. One too many costs a trace; none can be missing, as no relation can be read without naming it.
    """

    def __init__(self, catalog: Schema) -> None:
        self.schema: Schema = {}
        self._by_word: dict[str, dict[str, bytes]] = {}
        self._odd: dict[str, dict[str, bytes]] = {}
        for relation, columns in catalog.items():
            self.add(relation, columns)

    def add(self, relation: str, columns: Mapping[str, str]) -> None:
        """Let models that come later read `relation`."""
        self.schema[relation] = dict(columns)
        name = written_parts(relation)[-1][0].lower()
        by_name = self._by_word if _WORD.fullmatch(name) else self._odd
        by_name.setdefault(name.replace('"', '""'), {})[relation] = _digest(
            relation, *(part for column in columns.items() for part in column)
        )

    def of(self, model: Model) -> str:
        """Return the digest of a model, given the relations added so far."""
        sql = model.sql.lower()
        readable: dict[str, bytes] = {}
        for word in self._by_word.keys() & set(_WORD.findall(sql)):
            readable |= self._by_word[word]
        for name, relations in self._odd.items():
            if name in sql:
                readable |= relations
        parts = [each.hex() for _, each in sorted(readable.items())]
        return _digest(code_version(), model.relation, model.sql, *parts).hex()


@cache
def code_version() -> str:
    """Return a digest of sqlglot's version and of this project's own code that a trace depends on."""
    package = Path(lineage.__file__).parent.parent
    files = [*sorted((package / "lineage").glob("*.py")), *sorted((package / "tracing").glob("*.py"))]
    files.append(package / "algebra.py")
    return _digest(version("sqlglot"), *(file.read_text(encoding="utf-8") for file in files)).hex()


def _digest(*parts: str) -> bytes:
    # each part after its length: no two lists of parts are written alike
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.digest()
