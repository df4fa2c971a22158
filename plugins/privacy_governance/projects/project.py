"""A project as it is read from files: what it declares, its SQL, and the columns of what no model builds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from privacy_governance.lineage.names import folding_of
from privacy_governance.manifest import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from privacy_governance.manifest import Manifest
    from privacy_governance.warehouse.catalog import Schema

Name = tuple[str, ...]


@dataclass(frozen=True)
class Project:
    """Everything that a trace needs, from files alone.

    `catalog`: columns and types of sources, seeds and models without SQL, by relation as SQL spells it. `opaque`: why a
    model can't be traced at all (a Python model), by relation. `partly_known`: sources whose columns are known from
    their YAML only, which may list fewer than there are. `depends_on`: the sources that each model says it reads.
    `reads`: of a model of a folder of SQL, the relations that the names in its SQL mean.
    """

    folder: Path
    dialect: str
    manifest: Manifest
    catalog: Schema
    opaque: Mapping[str, str]
    partly_known: tuple[str, ...]
    depends_on: Mapping[str, frozenset[str]]
    reads: Mapping[str, frozenset[str]]


def name_of(relation: str, dialect: str) -> Name:
    """Return the real parts of a relation's name as its dialect writes it, in double quotes, backticks or brackets."""
    fold = folding_of(dialect)
    return tuple(fold(text, was_quoted) for text, was_quoted in _parts(relation))


def spelled(name: Name) -> str:
    """Return a real name as PostgreSQL's SQL spells it, e.g. `raw."Mixed"`: what edges and tags are listed under."""
    return ".".join(quoted(part) for part in name)


def shortest(names: set[Name]) -> Callable[[Name], str]:
    """Return how to spell each of `names`: without its database, unless two databases hold the same schema and name."""
    parts = 2 if len({name[-2:] for name in names}) == len(names) else 3
    return lambda name: spelled(name[-parts:])


def _parts(relation: str) -> list[tuple[str, bool]]:
    parts: list[tuple[str, bool]] = []
    at = 0
    while at < len(relation):
        closing = {'"': '"', "`": "`", "[": "]"}.get(relation[at])
        if closing is None:
            end = relation.find(".", at)
            end = len(relation) if end < 0 else end
            parts.append((relation[at:end].strip(), False))
        else:
            end = relation.find(closing, at + 1)
            while end >= 0 and relation[end + 1 : end + 2] == closing:  # doubled: it stands for itself
                end = relation.find(closing, end + 2)
            end = len(relation) if end < 0 else end
            text = relation[at + 1 : end].replace(closing * 2, closing)
            # BigQuery's backticks may go round all parts at once
            parts += [(part, True) for part in (text.split(".") if closing == "`" else [text])]
            end += 1
        at = end + 1
    return parts
