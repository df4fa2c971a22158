"""What a release discloses and what it still tells, both from histograms.

Risks follow Dankar and El Emam (2010), with the source as the population. Utility: granularity (Iyengar 2002),
discernibility (Bayardo and Agrawal 2005), how far distributions and associations moved.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from privacy_governance.generalization.histogram import group
from privacy_governance.generalization.privacy_models import distances, distinct_values, shares
from privacy_governance.generalization.recoded import granularity_loss

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from privacy_governance.generalization.hierarchies import Hierarchy
    from privacy_governance.generalization.histogram import Histogram
    from privacy_governance.generalization.recoded import Recoding, Values

# associations are compared between nodes of the lowest level that has at most so many, else between as many ranges
BINS = 64
# of the classes, smallest first, how many are compared with all combinations of the source
CLASSES_LOOKED_AT = 64


@dataclass(frozen=True)
class Measures:
    """Of one release. Shares and risks lie between 0 and 1; losses and moves are 0 for the source itself."""

    source_rows: int
    published_rows: int
    suppressed_share: float  # rows left out ÷ rows of the source
    classes: int
    smallest_class: int
    average_class: float
    smallest_diversity: int | None  # distinct sensitive values in the least diverse class; None: not counted
    largest_distance: float | None  # earth mover's distance of the class farthest from the published rows
    prosecutor_risk: float  # highest chance to name a row of somebody known to be in the release
    journalist_risk: float  # the same, of somebody known to be in the source
    marketer_risk: float  # expected share of published rows that are named rightly
    uniqueness: float  # published rows that are alone in their class
    source_uniqueness: float  # rows of the source whose combination nobody shares
    granularity_loss: float  # mean over all cells of leaves shown ÷ leaves; 1 for a row left out
    discernibility: float  # sum of squared class sizes, plus rows left out times rows
    marginals_moved: float  # mean total variation distance of a column's distribution
    marginals_moved_most: float
    correlations_moved: float  # mean change of Cramér's V of two columns
    correlations_moved_most: float

    def rows(self) -> list[tuple[str, float | None]]:
        """Return (measure, value) rows, as `governance.release_measures` keeps them."""
        return [(name, None if value is None else float(value)) for name, value in asdict(self).items()]


@dataclass(frozen=True, eq=False)
class Published:
    """What readers see: class `c`, of `rows[c]` rows, shows in column `j` value `cells[c, j]` of `values[j]`."""

    cells: NDArray[np.int64]
    values: tuple[Values, ...]
    rows: NDArray[np.int64]
    smallest_diversity: int | None = None
    largest_distance: float | None = None

    @property
    def total(self) -> int:
        """Number of rows."""
        return int(self.rows.sum())


def measure(histogram: Histogram, recoding: Recoding) -> Measures:
    """Measure a recoding that publishes at least one row."""
    rows = recoding.class_rows(histogram)
    sensitive = [
        (
            int(distinct_values(each, recoding.class_of, len(rows)).min()),
            float(distances(each, recoding.class_of, len(rows), shares(each, recoding.kept)).max()),
        )
        for each in histogram.sensitive
    ]
    least = min((least for least, _ in sensitive), default=None)
    most = max((most for _, most in sensitive), default=None)
    return measure_published(histogram, Published(recoding.cells, recoding.values, rows, least, most))


def measure_published(histogram: Histogram, published: Published) -> Measures:
    """Measure what is published, at least one row, against the source's `histogram`."""
    rows, total = published.rows, histogram.total
    smallest, left_out = int(rows.min()), max(0, total - published.total)
    moved = [_marginal_moved(histogram, published, column) for column in range(len(histogram.hierarchies))]
    associations = _correlations_moved(histogram, published)
    return Measures(
        source_rows=total,
        published_rows=published.total,
        suppressed_share=left_out / total,
        classes=len(rows),
        smallest_class=smallest,
        average_class=published.total / len(rows),
        smallest_diversity=published.smallest_diversity,
        largest_distance=published.largest_distance,
        prosecutor_risk=1 / smallest,
        journalist_risk=1 / _fewest_candidates(histogram, published),
        marketer_risk=len(rows) / published.total,
        uniqueness=int((rows == 1).sum()) / published.total,
        source_uniqueness=int((histogram.rows == 1).sum()) / total,
        granularity_loss=granularity_loss(published.cells, published.values, rows, left_out),
        discernibility=float((rows.astype(np.float64) ** 2).sum() + left_out * float(total)),
        marginals_moved=float(np.mean(moved)),
        marginals_moved_most=max(moved),
        correlations_moved=float(np.mean(associations)) if associations else 0.0,
        correlations_moved_most=max(associations, default=0.0),
    )


def _fewest_candidates(histogram: Histogram, published: Published) -> int:
    """Return the fewest rows of the source that any class's cells could be about.

    At least the class itself; more where classes overlap or rows were left out. Classes are looked at from the smallest
    on, until those to come are larger than what was found; where that takes too many, their own size counts.
    """
    rows = published.rows
    found = histogram.total
    smallest_first = np.argsort(rows, kind="stable")
    for number in smallest_first[:CLASSES_LOOKED_AT].tolist():
        if rows[number] >= found:
            return found
        within = np.ones(histogram.combinations, dtype=np.bool_)
        for column, leaf in enumerate(histogram.columns):
            values, cell = published.values[column], published.cells[number, column]
            within &= (leaf >= values.first[cell]) & (leaf <= values.last[cell])
        # a class of more rows than the source has of its kind: its people changed since, or have left the source
        found = min(found, max(int(histogram.rows[within].sum()), int(rows[number])))
    to_come = rows[smallest_first[CLASSES_LOOKED_AT:]]
    return int(min(found, to_come[0])) if len(to_come) else found


def _marginal_moved(histogram: Histogram, published: Published, column: int) -> float:
    """Return the total variation distance of a column's leaves; a wide cell counts as spread evenly over its leaves."""
    leaves = len(histogram.hierarchies[column].leaves)
    before = np.bincount(histogram.columns[column], weights=histogram.rows, minlength=leaves) / histogram.total
    values = published.values[column]
    shown = np.bincount(published.cells[:, column], weights=published.rows, minlength=len(values.labels))
    each = shown / (values.last - values.first + 1)
    edges = np.bincount(values.first, weights=each, minlength=leaves + 1)
    edges -= np.bincount(values.last + 1, weights=each, minlength=leaves + 1)
    after = np.cumsum(edges)[:leaves] / published.total
    return float(np.abs(before - after).sum() / 2)


def _correlations_moved(histogram: Histogram, published: Published) -> list[float]:
    bins = [_bins(hierarchy) for hierarchy in histogram.hierarchies]
    spread = [_spread(values, bin_of) for values, bin_of in zip(published.values, bins, strict=True)]
    moved = []
    for one, other in combinations(range(len(bins)), 2):
        size = int(bins[other].max()) + 1
        pair = bins[one][histogram.columns[one]] * size + bins[other][histogram.columns[other]]
        before = np.bincount(pair, weights=histogram.rows, minlength=(int(bins[one].max()) + 1) * size)
        # classes that show the same two values are counted together: far fewer than there are classes
        cells = published.cells[:, one], published.cells[:, other]
        groups = group(cells, [len(published.values[one].labels), len(published.values[other].labels)], published.rows)
        first, second = (
            spread[column][cell[groups.order[groups.starts]]] for column, cell in zip((one, other), cells, strict=True)
        )
        after = (first * groups.rows[:, np.newaxis]).T @ second
        moved.append(abs(cramers_v(before.astype(np.float64).reshape(-1, size)) - cramers_v(after)))
    return moved


def cramers_v(table: NDArray[np.float64]) -> float:
    """Return Cramér's V of a contingency table: 0 independent, 1 determined; 0 where a side has one value."""
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(table.shape) < 2:
        return 0.0
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    chi_squared = ((table - expected) ** 2 / expected).sum()
    return float(np.sqrt(chi_squared / (table.sum() * (min(table.shape) - 1))))


def _bins(hierarchy: Hierarchy) -> NDArray[np.int64]:
    for level in hierarchy.levels[:-1]:
        if len(level.labels) <= BINS:
            return level.node_of
    return np.arange(len(hierarchy.leaves)) * min(BINS, len(hierarchy.leaves)) // len(hierarchy.leaves)


def _spread(values: Values, bin_of: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share of each published value's leaves in each bin, a row a value, a column a bin."""
    found = np.zeros((len(values.labels), int(bin_of.max()) + 1))
    width = values.last - values.first + 1
    for number in range(found.shape[1]):
        before = np.r_[0, np.cumsum(bin_of == number)]
        found[:, number] = (before[values.last + 1] - before[values.first]) / width
    return found
