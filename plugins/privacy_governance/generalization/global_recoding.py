"""Global recoding: one level a column, of all such choices the one with the least granularity loss, proved.

Branch and bound over the lattice of levels (6,480 nodes for Adult's eight columns). A node's bound is its loss if no
row were left out. Going down the lattice, a group that misses k or l only splits into groups that miss it too, so the
rows left out at a node are left out at every node below: that prunes all of them when they are over the limit, and
raises their bounds when they are not. t-closeness has no such property; it counts in what a node costs only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from privacy_governance.errors import AnonymizationError
from privacy_governance.generalization.histogram import group_at, levels_of
from privacy_governance.generalization.privacy_models import close, diverse
from privacy_governance.generalization.recoded import LEFT_OUT, Recoding, recode_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from privacy_governance.generalization.histogram import Groups, Histogram
    from privacy_governance.generalization.privacy_models import Privacy

MOST_NODES = 4_000_000
# Next is the open node at this place of all, by bound: high ones prune more if they fail, low ones cost less if they
# don't. Of 0.3, 0.5, 0.7, 0.9 this one looked at fewest nodes of Adult.
NEXT_AT = 0.7
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class GlobalOptimum:
    """The best levels, and the proof: `bound` is a loss that no choice under the limit can go below."""

    levels: tuple[int, ...]
    recoding: Recoding
    loss: float
    bound: float
    evaluated_nodes: int
    lattice_nodes: int


def search(histogram: Histogram, privacy: Privacy, suppression_limit: float) -> GlobalOptimum:
    """Find the levels of least loss that leave out at most `suppression_limit` (a share) of the rows.

    Raises:
        AnonymizationError: the lattice is too large, nothing meets the policy, or everything would be left out.

    """
    size = _lattice_size(histogram)
    lattice = levels_of(histogram.hierarchies)
    least = sum(by_level[lattice[:, column]] for column, by_level in enumerate(histogram.mean_loss))
    bound = np.asarray(least, dtype=np.float64)
    allowed = suppression_limit * histogram.total + ROUNDING
    is_open = np.ones(size, dtype=np.bool_)
    best, best_loss, evaluated = None, np.inf, 0
    while True:
        is_open &= bound < best_loss - ROUNDING
        candidates = np.flatnonzero(is_open)
        if not len(candidates):
            break
        at = int((len(candidates) - 1) * NEXT_AT)
        node = candidates[np.argpartition(bound[candidates], at)[at]]
        levels = lattice[node].tolist()
        is_open[node] = False
        evaluated += 1
        groups = group_at(histogram, levels)
        below = _below(lattice, levels, is_open)
        holds = groups.rows >= privacy.k
        if groups.rows[holds].sum() >= histogram.total - allowed:
            holds &= diverse(histogram, groups.of, len(groups.rows), privacy.l)
        if groups.rows[~holds].sum() > allowed:
            is_open[below] = False
            continue
        never = ~holds[groups.of]
        bound[below] = np.maximum(bound[below], _raised(histogram, never, lattice[below]))
        cost = _raised(histogram, never, lattice[node : node + 1])[0]
        kept = ~never
        if privacy.t is not None and cost < best_loss - ROUNDING:
            kept = close_among(histogram, groups, kept, privacy.t)
            if histogram.rows[~kept].sum() > allowed:
                continue
            cost = _raised(histogram, ~kept, lattice[node : node + 1])[0]
        if cost < best_loss - ROUNDING:
            best, best_loss = (tuple(levels), kept), float(cost)
    if best is None:
        raise AnonymizationError(
            f"no choice of levels holds k={privacy.k}, l={privacy.l}, t={privacy.t} with at most "
            f"{suppression_limit:.2%} of {histogram.total:,} rows left out. Raise --suppression-limit, lower k or l, "
            "raise t, or name fewer quasi-identifiers."
        )
    levels_found, kept = best
    if not kept.any():
        raise AnonymizationError(
            f"every one of {histogram.total:,} rows would be left out. Lower k or l, raise t, or add coarser levels."
        )
    return GlobalOptimum(levels_found, recode_at(histogram, levels_found, kept), best_loss, best_loss, evaluated, size)


def _lattice_size(histogram: Histogram) -> int:
    size = int(np.prod([len(hierarchy.levels) for hierarchy in histogram.hierarchies], dtype=np.float64))
    if size > MOST_NODES:
        raise AnonymizationError(
            f"{size:,} choices of levels; at most {MOST_NODES:,} can be searched to a proven optimum. Take levels out "
            "of the hierarchies, name fewer quasi-identifiers, or use --recoding local."
        )
    return size


def close_among(histogram: Histogram, groups: Groups, kept: NDArray[np.bool_], t: float) -> NDArray[np.bool_]:
    """Return which of the combinations `kept` stay when groups farther than `t` from the published rows are left out.

    Leaving rows out moves the values that t compares with: repeated until all that stay are close.
    """
    while kept.any():
        stays = close(histogram, np.where(kept, groups.of, LEFT_OUT), len(groups.rows), t)[groups.of]
        if stays[kept].all():
            break
        kept = kept & stays
    return kept


def _below(lattice: NDArray[np.int64], levels: Sequence[int], is_open: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the open nodes that are as exact as `levels` or more in every column."""
    found = is_open.copy()
    for column, level in enumerate(levels):
        found &= lattice[:, column] <= level
    return np.flatnonzero(found)


def _raised(histogram: Histogram, left_out: NDArray[np.bool_], nodes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the loss of each of `nodes` when just the rows of the combinations `left_out` are."""
    among = np.flatnonzero(left_out)
    found = np.full(len(nodes), float(histogram.rows[among].sum()) / histogram.total)
    for column, (mean, saved) in enumerate(zip(histogram.mean_loss, histogram.loss_among(among), strict=True)):
        found += (mean - saved)[nodes[:, column]]
    return found
