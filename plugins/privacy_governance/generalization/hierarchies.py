"""Generalization hierarchies: the values of a column, and what each may be published as, level by level.

Files are in the form of ARX: a line a value, `value;level 1;level 2;…`, from exact to most general. Leaves are kept in
an order in which the leaves of every node are neighbours: a node is an interval of leaf positions, as a range is.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from privacy_governance.errors import AnonymizationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

ANYTHING = "*"
# how PostgreSQL writes an instant in UTC
UTC_OFFSET = "+00"


@dataclass(frozen=True, eq=False)
class Level:
    """One level: which node each leaf belongs to, and each node's label and leaves (`first` to `last`, inclusive)."""

    node_of: NDArray[np.int64]
    labels: tuple[str, ...]
    first: NDArray[np.int64]
    last: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """The levels of one column, from exact values to `*`.

    `is_ordered`: the leaves are numbers, days or instants in rising order, so a range of them means something.
    """

    column: str
    leaves: tuple[str, ...]
    levels: tuple[Level, ...]
    is_ordered: bool

    @cached_property
    def loss(self) -> NDArray[np.float64]:
        """Granularity loss by level and leaf: leaves under the node ÷ all leaves; 0 for an exact value."""
        shares = [(level.last - level.first + 1)[level.node_of] / len(self.leaves) for level in self.levels]
        shares[0] = np.zeros(len(self.leaves))
        return np.stack(shares)

    @cached_property
    def position(self) -> dict[str, int]:
        """Position of each leaf."""
        return {leaf: position for position, leaf in enumerate(self.leaves)}


def read_hierarchy(path: Path, column: str) -> Hierarchy:
    """Read a hierarchy file; an empty value in its first field stands for null and for the empty text.

    Raises:
        AnonymizationError: unreadable, empty, ragged, a missing label, a value twice, a value with two parents.

    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=";", strict=True)
            numbered = [(reader.line_num, [field.strip() for field in line]) for line in reader if line]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text, or a quote is misplaced"
        raise AnonymizationError(f"{path} can't be read: {reason}. Write lines of value;level 1;level 2;…") from None
    if not numbered:
        raise AnonymizationError(f"{path} is empty. Write a line a value: value;level 1;level 2;…")
    return hierarchy_of(column, [line for _, line in numbered], where=path.name, lines=[at for at, _ in numbered])


def hierarchy_of(
    column: str, rows: Sequence[Sequence[str]], *, where: str = "a generated hierarchy", lines: Sequence[int] = ()
) -> Hierarchy:
    """Return the hierarchy that `rows` of value, level 1, level 2, … describe; `*` is added above if it isn't there.

    Raises:
        AnonymizationError: names `where` and the line, never a value.

    """
    at = lines or range(1, len(rows) + 1)
    _check_rows(rows, at, where)
    complete = [list(row) for row in rows]
    if len({row[-1] for row in complete}) > 1 or len(complete[0]) == 1:
        complete = [[*row, ANYTHING] for row in complete]
    for level in range(len(complete[0]) - 1):
        _check_parents(complete, level, at, where)
    leaves = [row[0] for row in complete]
    nodes = [_numbered([row[level] for row in complete]) for level in range(len(complete[0]))]
    order = _rising(leaves)
    is_ordered = order is not None and all(_is_contiguous(level[order]) for level in nodes)
    if order is None or not is_ordered:
        order = np.lexsort(tuple(nodes))  # the last key, the most general level, sorts first
    levels = tuple(
        _level([complete[row][level] for row in order.tolist()], exact=level == 0) for level in range(len(complete[0]))
    )
    _check_labels(levels, where)
    return Hierarchy(column, tuple(leaves[row] for row in order.tolist()), levels, is_ordered)


def _check_rows(rows: Sequence[Sequence[str]], at: Sequence[int], where: str) -> None:
    width = len(rows[0])
    seen: dict[str, int] = {}
    for line, row in zip(at, rows, strict=True):
        if len(row) != width:
            raise AnonymizationError(
                f"{where}, line {line}: {len(row)} fields; line {at[0]} has {width}. Give every value every level."
            )
        if "" in row[1:]:
            raise AnonymizationError(
                f"{where}, line {line}: level {list(row[1:]).index('') + 1} is missing. Write its label, or {ANYTHING}."
            )
        if row[0] in seen:
            raise AnonymizationError(f"{where}, line {line}: the same value as line {seen[row[0]]}. Keep one of them.")
        seen[row[0]] = line


def _check_parents(rows: Sequence[Sequence[str]], level: int, at: Sequence[int], where: str) -> None:
    parents: dict[str, tuple[str, int]] = {}
    for line, row in zip(at, rows, strict=True):
        parent, first = parents.setdefault(row[level], (row[level + 1], line))
        if parent != row[level + 1]:
            raise AnonymizationError(
                f"{where}, line {line}: what stands at level {level} has another parent than in line {first}. "
                "Give it one parent, or give the two different labels."
            )


def _check_labels(levels: Sequence[Level], where: str) -> None:
    known: dict[str, tuple[int, int]] = {}
    for number, level in enumerate(levels):
        for label, first, last in zip(level.labels, level.first.tolist(), level.last.tolist(), strict=True):
            if known.setdefault(label, (first, last)) != (first, last):
                raise AnonymizationError(
                    f"{where}: a label of level {number} means other values at a lower level; a reader could not tell "
                    "which is meant. Give the two different labels."
                )


def _numbered(labels: Sequence[str]) -> NDArray[np.int64]:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(label, len(numbers)) for label in labels], dtype=np.int64)


def _rising(leaves: Sequence[str]) -> NDArray[np.int64] | None:
    """Return the order of leaves that are all numbers, or all days or instants, or None."""
    texts = np.array([leaf.removesuffix(UTC_OFFSET) for leaf in leaves], dtype=np.str_)
    for dtype in (np.float64, "datetime64[us]"):
        try:
            values = texts.astype(dtype)
        except ValueError:
            continue
        if bool((values == values).all()):  # noqa: PLR0124 -- neither NaN nor NaT
            return np.argsort(values, kind="stable")
    return None


def _is_contiguous(nodes: NDArray[np.int64]) -> bool:
    return int((nodes[1:] != nodes[:-1]).sum()) + 1 == len(np.unique(nodes))


def _level(labels: Sequence[str], *, exact: bool) -> Level:
    node_of = np.arange(len(labels)) if exact else _numbered(labels)
    first = np.flatnonzero(np.r_[True, node_of[1:] != node_of[:-1]])
    last = np.r_[first[1:] - 1, len(labels) - 1]
    return Level(node_of.astype(np.int64), tuple(labels[position] for position in first.tolist()), first, last)
