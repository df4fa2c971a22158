"""The measures of a night's candidate, into `governance.release_measures`.

`research_<entity>`, where it has `quasi_identifiers`, is measured against `int_<entity>__measured`: a row for each row
that could be released, with the table's quasi-identifiers as they would be shown, and beside each its exact value as
`exact_<column>`. Both are counted in the warehouse, each by one GROUP BY; only numbers come back. What an exact value
is shown as is the hierarchy: its leaves are the exact values that there are.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
from psycopg import sql

from privacy_governance.errors import DeclarationError
from privacy_governance.generalization.copying import comma, numbered, read_integers
from privacy_governance.generalization.hierarchies import Hierarchy, Level
from privacy_governance.generalization.histogram import Histogram, SensitiveCounts
from privacy_governance.generalization.measures import Measures, Published, measure_published
from privacy_governance.generalization.privacy_models import distances, distinct_values, shares
from privacy_governance.generalization.recoded import Values
from privacy_governance.generalization.tables import ORDERED_TYPES, columns_of, relation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from privacy_governance.generalization.tables import Relation
    from privacy_governance.manifest import Manifest, Model
    from privacy_governance.warehouse import Connection

EXACT = "exact_"


@dataclass(frozen=True, eq=False)
class Counted:
    """Rows by combination, of source and candidate; each column's exact and shown values as numbers.

    Where `source_rows` is 0, `exact` means nothing.
    """

    exact: tuple[NDArray[np.int64], ...]
    shown: tuple[NDArray[np.int64], ...]
    source_rows: NDArray[np.int64]
    released_rows: NDArray[np.int64]


def measure_candidate(connection: Connection, manifest: Manifest, *, night: str) -> int:
    """Measure every research table of the candidate that has quasi-identifiers; return how many.

    Raises:
        DeclarationError: a table has nothing to be measured against, or that lacks a column.

    """
    connection.execute("delete from governance.release_measures where night = %s", [night])
    measured = [model for model in manifest.in_folder("marts", "research") if model.meta.get("quasi_identifiers")]
    for model in measured:
        quasi = tuple(model.meta["quasi_identifiers"])
        candidate = relation(model.relation)
        counted = count(connection, candidate, _source_of(connection, manifest, model, quasi), quasi)
        sensitive = [
            count_sensitive(connection, candidate, quasi, column)
            for column in model.meta.get("sensitive_attributes") or ()
        ]
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into governance.release_measures (night, relation, measure, value) values (%s, %s, %s, %s)",
                [(night, model.relation, name, value) for name, value in measures_of(model.name, counted, sensitive)],
            )
    return len(measured)


def count(connection: Connection, candidate: Relation, source: Relation, quasi: Sequence[str]) -> Counted:
    """Count both tables by combination, in one query."""
    both = sql.SQL(
        "select {exact}, {shown}, count(*) as source_rows, 0::int8 as released_rows from {source} group by {each}"
        " union all select {nothing}, {shown}, 0, count(*) from {candidate} group by {shown}"
    ).format(
        exact=comma(sql.Identifier(EXACT + column) for column in quasi),
        shown=comma(sql.Identifier(column) for column in quasi),
        each=comma(sql.Identifier(name) for column in quasi for name in (EXACT + column, column)),
        nothing=comma(sql.SQL("null") for _ in quasi),
        source=source.identifier,
        candidate=candidate.identifier,
    )
    names = [numbered(kind, column) for kind in ("exact", "shown") for column in range(len(quasi))]
    numbers = comma(sql.SQL("(dense_rank() over (order by {}))::int4").format(name) for name in names)
    query = sql.SQL("select {}, source_rows, released_rows from ({}) as counted ({}, source_rows, released_rows)")
    *found, source_rows, released_rows = read_integers(
        connection, query.format(numbers, both, comma(names)), ["i4"] * len(names) + ["i8", "i8"]
    )
    return Counted(tuple(found[: len(quasi)]), tuple(found[len(quasi) :]), source_rows, released_rows)


def count_sensitive(
    connection: Connection, candidate: Relation, quasi: Sequence[str], column: str
) -> tuple[int, SensitiveCounts]:
    """Count the values of a sensitive column in each class that the other quasi-identifiers make; also return how many.

    Raises:
        DeclarationError: the table has no such column.

    """
    types = columns_of(connection, candidate)
    if column not in types:
        raise DeclarationError(f"{candidate} has no {column}, which its sensitive_attributes name. Name what it shows.")
    query = sql.SQL(
        "select (dense_rank() over (order by {class_}))::int4, (dense_rank() over (order by {column}))::int4, count(*)"
        " from {candidate} group by {class_}, {column}"
    ).format(
        class_=comma([sql.Identifier(each) for each in quasi if each != column] or [sql.SQL("true")]),
        column=sql.Identifier(column),
        candidate=candidate.identifier,
    )
    class_of, value, rows = read_integers(connection, query, ["i4", "i4", "i8"])
    is_ordered = types[column].startswith(ORDERED_TYPES)
    counts = SensitiveCounts(column, is_ordered, int(value.max(initial=0)), class_of - 1, value - 1, rows)
    return int(class_of.max(initial=0)), counts


def measures_of(
    name: str, counted: Counted, sensitive: Sequence[tuple[int, SensitiveCounts]] = ()
) -> list[tuple[str, float | None]]:
    """Return (measure, value) rows; nothing but the numbers of rows where one of the two tables has none."""
    source, released = int(counted.source_rows.sum()), int(counted.released_rows.sum())
    if not source or not released:
        known = {"source_rows": float(source), "published_rows": float(released)}
        if source:
            known["suppressed_share"] = 1.0
        return [(field.name, known.get(field.name)) for field in fields(Measures)]
    in_source, in_release = counted.source_rows > 0, counted.released_rows > 0
    columns = [
        _column(name, exact[in_source], shown[in_source], shown[in_release])
        for exact, shown in zip(counted.exact, counted.shown, strict=True)
    ]
    histogram = Histogram(
        tuple(hierarchy for hierarchy, _, _ in columns),
        tuple(leaf for _, leaf, _ in columns),
        counted.source_rows[in_source],
    )
    values = tuple(_values(hierarchy) for hierarchy, _, _ in columns)
    cells = np.stack([cell for _, _, cell in columns], axis=1)
    diversity = [int(distinct_values(each, np.arange(classes), classes).min()) for classes, each in sensitive]
    apart = [float(distances(each, np.arange(classes), classes, shares(each)).max()) for classes, each in sensitive]
    published = Published(
        cells, values, counted.released_rows[in_release], min(diversity, default=None), max(apart, default=None)
    )
    return measure_published(histogram, published).rows()


def _column(
    name: str, exact: NDArray[np.int64], shown: NDArray[np.int64], released: NDArray[np.int64]
) -> tuple[Hierarchy, NDArray[np.int64], NDArray[np.int64]]:
    """Return a column's hierarchy, the leaf of each combination of the source, and the node of each one released."""
    pairs, pair_of = np.unique(np.stack([shown, exact], axis=1), axis=0, return_inverse=True)
    if len(np.unique(pairs[:, 1])) < len(pairs):
        raise DeclarationError(
            f"{name} is measured against a model that shows one exact value as two. What is shown must follow from the "
            f"column {EXACT}… beside it."
        )
    # what is still shown though nobody in the source has it any more is a leaf of its own
    gone = np.setdiff1d(released, shown)
    leaf_shown = np.r_[pairs[:, 0], gone]
    order = np.argsort(leaf_shown, kind="stable")
    labels, node_of = np.unique(leaf_shown[order], return_inverse=True)
    leaves = np.arange(len(order))
    first = np.searchsorted(node_of, np.arange(len(labels)))
    last = np.r_[first[1:], len(order)] - 1
    levels = (
        Level(leaves, _names(len(leaves)), leaves, leaves),
        Level(node_of.reshape(-1), _names(len(labels)), first, last),
        Level(leaves * 0, ("*",), leaves[:1], leaves[-1:]),
    )
    position = np.empty(len(order), dtype=np.int64)
    position[order] = leaves
    hierarchy = Hierarchy(name, _names(len(leaves)), levels, is_ordered=False)
    return hierarchy, position[pair_of.reshape(-1)], np.searchsorted(labels, released)


def _values(hierarchy: Hierarchy) -> Values:
    shown = hierarchy.levels[1]
    width = shown.last - shown.first + 1
    return Values(shown.labels, shown.first, shown.last, np.where(width > 1, width / len(hierarchy.leaves), 0.0))


def _names(number: int) -> tuple[str, ...]:
    return tuple(map(str, range(number)))


def _source_of(connection: Connection, manifest: Manifest, model: Model, quasi: Sequence[str]) -> Relation:
    name = f"int_{model.name.removeprefix('research_')}__measured"
    source = next((each for each in manifest.models if each.name == name), None)
    if source is None:
        raise DeclarationError(
            f"{model.name} has quasi_identifiers, and there is no model {name} to measure it against. Write it: each "
            f"of them as shown, and exact beside it as {EXACT}<column>."
        )
    found = relation(source.relation)
    wanted = [each for column in quasi for each in (column, EXACT + column)]
    if missing := sorted(set(wanted) - columns_of(connection, found).keys()):
        raise DeclarationError(
            f"{name}, which {model.name} is measured against, has no {', '.join(missing)}. Add it to its SELECT."
        )
    return found
