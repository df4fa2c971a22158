"""JSON values taken apart into paths, without a path ever spelling a value that someone used as a key."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from privacy_governance.detection.names import match_name
from privacy_governance.detection.values import DIGEST, UUID, proven

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAXIMUM_DEPTH = 12
MAXIMUM_LEAVES = 400  # per document: a long array says no more than its first elements
MAXIMUM_KEYS = 60  # distinct keys of one object that are read as a vocabulary; more is a map keyed by data

KEY_SHAPE = re.compile(r"[A-Za-z_$][A-Za-z0-9_$ .:-]{0,62}")
Keys = tuple[str, ...]
Node = Any  # a JSON value


@dataclass(frozen=True)
class Leaves:
    """All values found at one path over the sampled documents, with the type class they were written in."""

    path: str
    name: str
    values: tuple[str, ...]


def parse(text: str) -> Node | None:
    """Return the object or array that `text` spells, or None for anything else (also one cut short)."""
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def leaves(column: str, documents: Iterable[Node]) -> list[Leaves]:
    """Gather the scalar values of documents by path, as `$.address.city`, `$.emails[*]` or `$.by_user.*`.

    A key is named in a path only if it is part of the documents' vocabulary: it looks like an identifier,
    matches no detector, and either announces something by itself or returns in several documents of one
    shape. Every other key becomes `*`, and counts as a value at its place: `{"ann@example.com": 3}` is found,
    and never printed.
    """
    found: dict[Keys, list[str]] = defaultdict(list)
    keys: dict[Keys, Counter[str]] = defaultdict(Counter)
    parsed = list(documents)
    for document in parsed:
        _count_keys((), document, keys, 0)
    for document in parsed:
        for count, (path, value) in enumerate(_walk((), document, keys, 0)):
            if count >= MAXIMUM_LEAVES:
                break
            found[path].append(value)
    return [Leaves(_spell(path), _name(column, path), tuple(values)) for path, values in found.items()]


def _count_keys(path: Keys, node: Node, keys: dict[Keys, Counter[str]], depth: int) -> None:
    if depth > MAXIMUM_DEPTH:
        return
    if isinstance(node, dict):
        keys[path].update(node.keys())
        for key, child in node.items():
            _count_keys((*path, key), child, keys, depth + 1)
    elif isinstance(node, list):
        for child in node[:MAXIMUM_LEAVES]:
            _count_keys((*path, "[*]"), child, keys, depth + 1)


def _walk(
    path: Keys, node: Node, keys: dict[Keys, Counter[str]], depth: int, raw: Keys = ()
) -> Iterator[tuple[Keys, str]]:
    if depth > MAXIMUM_DEPTH:
        yield path, json.dumps(node, ensure_ascii=False)
    elif isinstance(node, dict):
        siblings = keys[raw]
        for key, child in node.items():
            shown = key if is_vocabulary(key, siblings) else "*"
            if shown == "*":
                yield (*path, "*", "(key)"), key
            yield from _walk((*path, shown), child, keys, depth + 1, (*raw, key))
    elif isinstance(node, list):
        for child in node:
            yield from _walk((*path, "[*]"), child, keys, depth + 1, (*raw, "[*]"))
    elif isinstance(node, bool):
        yield path, "true" if node else "false"
    elif node is not None:
        yield path, str(node)


def is_vocabulary(key: str, siblings: Counter[str]) -> bool:
    """Whether `key` is a name that the writer of the documents chose, not a value of one of them."""
    if KEY_SHAPE.fullmatch(key) is None or proven(key) or UUID.fullmatch(key) or DIGEST.fullmatch(key):
        return False
    if match_name(key, "text") or match_name(key, "number"):
        return True
    return siblings[key] > 1 and len(siblings) <= MAXIMUM_KEYS


def _spell(path: Keys) -> str:
    spelled = "$"
    for key in path:
        if key == "[*]":
            spelled += key
        elif key == "(key)":
            spelled += " (key)"
        else:
            spelled += f".{key}" if re.fullmatch(r"[A-Za-z_*]\w*|\*", key) else f'["{key}"]'
    return spelled


def _name(column: str, path: Keys) -> str:
    """Return the words that name a path: its last two keys, the column's where there is only one."""
    named = [key for key in (column, *path) if key not in {"[*]", "*", "(key)"}]
    return "_".join(named[-2:])
