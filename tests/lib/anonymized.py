"""Small histograms at random, and a reader of anonymized rows that shares no code with what made them."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from privacy_governance.generalization.hierarchies import hierarchy_of
from privacy_governance.generalization.histogram import Histogram, SensitiveCounts


def random_histogram(seed, *, rows=60, ordered_sensitive=False):
    """A histogram of three columns (one of numbers) and a sensitive one; with it, its rows as leaf positions."""
    chance = np.random.default_rng(seed)
    hierarchies = (
        hierarchy_of("age", [[str(n), f"g{n // 2}", f"h{n // 4}", "*"] for n in range(8)]),
        hierarchy_of("city", [["a", "x", "*"], ["b", "x", "*"], ["c", "y", "*"], ["d", "z", "*"]]),
        hierarchy_of("sex", [["F", "*"], ["M", "*"]]),
    )
    sizes = [8, 4, 2, 3]
    made = np.stack([np.minimum(chance.geometric(0.35, rows) - 1, size - 1) for size in sizes], axis=1)
    people = [tuple(row) for row in made.tolist()]
    return histogram_of(hierarchies, people, ordered_sensitive=ordered_sensitive), people


def histogram_of(hierarchies, people, *, ordered_sensitive=False):
    """Count rows of leaf positions whose last field is the sensitive value's number."""
    combinations = Counter(person[:-1] for person in people)
    number = {combination: at for at, combination in enumerate(combinations)}
    cells = sorted((number[person[:-1]], person[-1]) for person in people)
    counted = Counter(cells)
    combination, value = (np.array(part, dtype=np.int64) for part in zip(*counted, strict=True))
    sensitive = SensitiveCounts(
        "disease", ordered_sensitive, int(value.max()) + 1, combination, value, np.array(list(counted.values()))
    )
    columns = tuple(np.array(part, dtype=np.int64) for part in zip(*combinations, strict=True))
    return Histogram(hierarchies, columns, np.array(list(combinations.values())), (sensitive,))


def classes_shown(histogram, recoding, people):
    """The published rows as a reader sees them: {labels of the quasi-identifiers: [sensitive values]}."""
    number = {tuple(leaves): at for at, leaves in enumerate(np.stack(histogram.columns, axis=1).tolist())}
    shown = defaultdict(list)
    for person in people:
        of = recoding.class_of[number[person[:-1]]]
        if of >= 0:
            labels = tuple(
                values.labels[cell] for values, cell in zip(recoding.values, recoding.cells[of], strict=True)
            )
            shown[labels].append(person[-1])
    return shown


def distance(values, everybody, *, ordered):
    """Earth mover's distance of the shares of `values` from those of `everybody`, by its definition."""
    support = sorted(set(everybody))
    apart = [values.count(value) / len(values) - everybody.count(value) / len(everybody) for value in support]
    if not ordered:
        return sum(map(abs, apart)) / 2
    moved = [abs(sum(apart[: at + 1])) for at in range(len(apart))]
    return sum(moved) / max(1, len(support) - 1)
