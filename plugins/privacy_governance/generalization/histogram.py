"""The histogram that the search runs on: how many rows have each combination of quasi-identifiers.

Its size is the number of distinct combinations, whatever the number of rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from privacy_governance.generalization.hierarchies import Hierarchy


@dataclass(frozen=True, eq=False)
class SensitiveCounts:
    """How many rows of a combination have a value of one sensitive column: `rows[i]` of (`combination[i]`, `value[i]`).

    Values are numbers from 0 to `values` - 1, in the order of the column's type where `is_ordered`.
    """

    column: str
    is_ordered: bool
    values: int
    combination: NDArray[np.int64]
    value: NDArray[np.int64]
    rows: NDArray[np.int64]

    def only(self, stay: NDArray[np.bool_], number: NDArray[np.int64]) -> SensitiveCounts:
        """Return the counts of the combinations that `stay`, whose new numbers are `number`."""
        among = stay[self.combination]
        return replace(
            self, combination=number[self.combination[among]], value=self.value[among], rows=self.rows[among]
        )


@dataclass(frozen=True, eq=False)
class Histogram:
    """Rows by combination: `columns[j][i]` is the leaf position of combination `i` in column `j`'s hierarchy."""

    hierarchies: tuple[Hierarchy, ...]
    columns: tuple[NDArray[np.int64], ...]
    rows: NDArray[np.int64]
    sensitive: tuple[SensitiveCounts, ...] = ()

    @property
    def combinations(self) -> int:
        """Number of distinct combinations."""
        return len(self.rows)

    @cached_property
    def total(self) -> int:
        """Number of rows."""
        return int(self.rows.sum())

    @cached_property
    def node(self) -> tuple[tuple[NDArray[np.int64], ...], ...]:
        """Node of each combination, by column and level."""
        return tuple(
            tuple(level.node_of[leaf] for level in hierarchy.levels)
            for hierarchy, leaf in zip(self.hierarchies, self.columns, strict=True)
        )

    @cached_property
    def mean_loss(self) -> tuple[NDArray[np.float64], ...]:
        """What each level of each column adds to the loss of the whole table if no row is left out."""
        return self.loss_among(np.arange(self.combinations))

    def loss_among(self, combinations: NDArray[np.int64]) -> tuple[NDArray[np.float64], ...]:
        """Return what each level of each column costs over the rows of `combinations`, as a share of all cells."""
        rows = self.rows[combinations]
        cells = self.total * len(self.hierarchies)
        return tuple(
            hierarchy.loss @ np.bincount(leaf[combinations], weights=rows, minlength=len(hierarchy.leaves)) / cells
            for hierarchy, leaf in zip(self.hierarchies, self.columns, strict=True)
        )

    def only(self, stay: NDArray[np.bool_]) -> Histogram:
        """Return the histogram of the combinations that `stay`, numbered anew."""
        number = np.cumsum(stay) - 1
        return Histogram(
            self.hierarchies,
            tuple(leaf[stay] for leaf in self.columns),
            self.rows[stay],
            tuple(each.only(stay, number) for each in self.sensitive),
        )


@dataclass(frozen=True, eq=False)
class Groups:
    """A grouping: the rows of each group. `order` is what is grouped, group by group; `starts`, where each begins."""

    rows: NDArray[np.int64]
    order: NDArray[np.int64]
    starts: NDArray[np.int64]

    @cached_property
    def of(self) -> NDArray[np.int64]:
        """Group number of each of what is grouped."""
        found = np.empty(len(self.order), dtype=np.int64)
        found[self.order] = np.repeat(np.arange(len(self.rows)), self.sizes)
        return found

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """How many combinations each group has."""
        return np.diff(self.starts, append=len(self.order))


def group(keys: Sequence[NDArray[np.int64]], sizes: Sequence[int], rows: NDArray[np.int64]) -> Groups:
    """Group combinations that agree in all `keys`; `sizes[j]` is more than the largest of `keys[j]`."""
    key = np.zeros(len(rows), dtype=np.int64)
    space = 1
    for part, size in zip(keys, sizes, strict=True):
        if size == 1:
            continue
        if space * size >= 2**62:  # renumber what is there, before it overflows
            _, key = np.unique(key, return_inverse=True)
            space = int(key.max(initial=0)) + 1
        key = key * size + part
        space *= size
    bits = max(1, len(rows) - 1).bit_length()
    if space < 2 ** (63 - bits):
        packed = np.sort((key << bits) | np.arange(len(rows)))  # several times as fast as argsort
        order, in_order = packed & ((1 << bits) - 1), packed >> bits
    else:
        order = np.argsort(key)
        in_order = key[order]
    is_first = np.ones(len(rows), dtype=np.bool_)
    np.not_equal(in_order[1:], in_order[:-1], out=is_first[1:])
    starts = np.flatnonzero(is_first)
    return Groups(np.add.reduceat(rows[order], starts) if len(rows) else order, order, starts)


def levels_of(hierarchies: Sequence[Hierarchy]) -> NDArray[np.int64]:
    """Return every choice of a level a column, a row each."""
    return np.indices([len(hierarchy.levels) for hierarchy in hierarchies]).reshape(len(hierarchies), -1).T.copy()


def group_at(histogram: Histogram, levels: Sequence[int]) -> Groups:
    """Group combinations by their nodes at `levels`, a level a column."""
    chosen = [histogram.node[column][level] for column, level in enumerate(levels)]
    sizes = [
        len(hierarchy.levels[level].labels) for hierarchy, level in zip(histogram.hierarchies, levels, strict=True)
    ]
    return group(chosen, sizes, histogram.rows)
