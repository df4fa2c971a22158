"""The notice's chart as published and as the warehouse lives it, and every difference between the two."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from privacy_governance.categories import Aspect, DeclaredUse
from privacy_governance.categories.taxonomy import suggestion
from privacy_governance.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from privacy_governance.categories import Taxonomy

CATEGORY_HEADING = "Statutory category of personal information (PI)"
HEADINGS: Mapping[Aspect, str] = {
    Aspect.PI_KIND: "PI we collect",
    Aspect.SOURCE: "Sources of the PI",
    Aspect.PURPOSE: "Business/commercial purpose for PI collection",
    Aspect.PARTY: "Parties to whom we disclose PI for a business purpose",
}
_META_KEY = {
    Aspect.PI_KIND: "pi_kind of the column",
    Aspect.SOURCE: "sources of the table",
    Aspect.PURPOSE: "purposes of the table",
    Aspect.PARTY: "parties of the table",
}
_COLUMNS_IN_A_MESSAGE = 5


@dataclass(frozen=True)
class Entry:
    """One entry of a cell; `columns` (relation.column) back it, and are empty in the published chart."""

    member: str
    label: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChartRow:
    """A category and its four cells, entries in the notice's order."""

    category: str
    label: str
    cells: Mapping[Aspect, tuple[Entry, ...]]

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that back the row, sorted."""
        return tuple(sorted({c for entries in self.cells.values() for e in entries for c in e.columns}))


@dataclass(frozen=True)
class Chart:
    """Rows in the notice's order, and the parties that every category may go to besides those of its row."""

    rows: tuple[ChartRow, ...]
    parties_of_every_category: tuple[Entry, ...]


class Breach(StrEnum):
    """The two ways in which a warehouse and its notice disagree."""

    UNDISCLOSED_USE = "undisclosed_use"
    UNBACKED_DISCLOSURE = "unbacked_disclosure"


@dataclass(frozen=True)
class ChartDifference:
    """One disagreement; `aspect` and `member` are None where it is about a whole category."""

    breach: Breach
    category: str
    aspect: Aspect | None
    member: str | None
    columns: tuple[str, ...]
    message: str


class ChartPair(NamedTuple):
    """One cell of both charts, as printed; empty where a chart has no such row."""

    category: str
    heading: str
    published: str
    warehouse: str
    agrees: bool


def published_chart(taxonomy: Taxonomy) -> Chart:
    """Return the chart that the notice publishes on the taxonomy's day, its words exactly.

    Source: the notice, "Personal information we collect, use and disclose", and the sentence under its chart.
    """
    cells: dict[tuple[str, Aspect], list[Entry]] = defaultdict(list)
    for disclosure in sorted(taxonomy.disclosures, key=lambda d: d.position):
        entry = Entry(disclosure.member, disclosure.printed_as)
        cells[disclosure.category, disclosure.aspect].append(entry)
    rows = tuple(
        ChartRow(category.name, category.label, {aspect: tuple(cells[category.name, aspect]) for aspect in Aspect})
        for category in taxonomy.categories
    )
    return Chart(rows, _parties_of_every_category(taxonomy))


def warehouse_chart(taxonomy: Taxonomy, uses: Iterable[DeclaredUse]) -> Chart:
    """Return the chart that the declared uses amount to: a row per category in use.

    What the taxonomy does not know is kept under its own name, so that it shows as undisclosed.

    Raises:
        DeclarationError: a use names no category, kind, source or purpose, so it can't be compared.

    """
    backing: dict[str, dict[Aspect, dict[str, set[str]]]] = {}
    for use in uses:
        column = f"{use.relation}.{use.column}"
        members = _members(use, column)
        cells = backing.setdefault(use.category, {aspect: defaultdict(set) for aspect in Aspect})
        for aspect, member in members.items():
            cells[aspect][member].add(column)
    published = {row.category: row for row in published_chart(taxonomy).rows}
    order = [*published, *sorted(backing.keys() - published.keys())]
    rows = tuple(
        ChartRow(
            category,
            published[category].label if category in published else category,
            {
                aspect: _entries(taxonomy, aspect, published.get(category), backing[category][aspect])
                for aspect in Aspect
            },
        )
        for category in order
        if category in backing
    )
    return Chart(rows, _parties_of_every_category(taxonomy))


def compare(published: Chart, warehouse: Chart) -> list[ChartDifference]:
    """Return every difference, both ways: uses nobody was told of, and disclosures that no column backs.

    A category that one of the charts lacks is one difference, not one for each of its entries. A party that
    every category may go to is disclosed wherever it is used, and need not be used anywhere.
    """
    told = {row.category: row for row in published.rows}
    lived = {row.category: row for row in warehouse.rows}
    differences: list[ChartDifference] = []
    for category in [*told, *(category for category in lived if category not in told)]:
        if category not in lived:
            differences.append(_unbacked_category(told[category]))
        elif category not in told:
            differences.append(_undisclosed_category(lived[category], list(told)))
        else:
            differences.extend(_cell_differences(published, told[category], lived[category]))
    return differences


def rows_side_by_side(published: Chart, warehouse: Chart) -> list[ChartPair]:
    """Return both charts cell by cell, in the notice's order: what is published beside what is lived."""
    told = {row.category: row for row in published.rows}
    lived = {row.category: row for row in warehouse.rows}
    pairs: list[ChartPair] = []
    for category in [*told, *(category for category in lived if category not in told)]:
        label = (told.get(category) or lived[category]).label
        for aspect in Aspect:
            ours, theirs = _cell(told.get(category), aspect), _cell(lived.get(category), aspect)
            undisclosed = _missing(theirs, ours, also=_open_parties(published, aspect))
            agrees = category in told and not undisclosed and not _missing(ours, theirs)
            pairs.append(ChartPair(label, HEADINGS[aspect], _printed(ours), _printed(theirs), agrees))
    return pairs


def _members(use: DeclaredUse, column: str) -> dict[Aspect, str]:
    """Return what a use names, by aspect; no party where nobody receives the column."""
    if not use.category:
        raise DeclarationError(f"{column} has no ccpa_category. Tag it in its sources YAML.")
    named = {Aspect.PI_KIND: use.pi_kind, Aspect.SOURCE: use.source, Aspect.PURPOSE: use.purpose}
    for aspect, member in named.items():
        if not member:
            raise DeclarationError(
                f"{column} has no {aspect}. Name it in config.meta of its sources YAML ({_META_KEY[aspect]})."
            )
    return named if use.party is None else {**named, Aspect.PARTY: use.party}


def _entries(
    taxonomy: Taxonomy, aspect: Aspect, published: ChartRow | None, backing: Mapping[str, set[str]]
) -> tuple[Entry, ...]:
    """Return a cell's entries with the notice's words, in its order; what it does not know comes last."""
    terms = taxonomy.terms(aspect)
    printed = {entry.member: entry.label for entry in _cell(published, aspect)}
    labels = {name: printed.get(name, term.label) for name, term in terms.items()}
    order = [*printed, *(name for name in terms if name not in printed)]
    order += sorted(backing.keys() - set(order))
    return tuple(Entry(name, labels.get(name, name), tuple(sorted(backing[name]))) for name in order if name in backing)


def _cell_differences(published: Chart, told: ChartRow, lived: ChartRow) -> Iterable[ChartDifference]:
    """Yield the differences of one row that both charts have."""
    for aspect in Aspect:
        ours, theirs = _cell(told, aspect), _cell(lived, aspect)
        for entry in _missing(theirs, ours, also=_open_parties(published, aspect)):
            known = [e.member for e in (*ours, *_open_parties(published, aspect))]
            message = (
                f'{told.label}: the notice does not disclose {_words(aspect)} "{entry.label}", which '
                f"{_some(entry.columns)} declare. {suggestion(entry.member, known)} "
                f"Correct {_META_KEY[aspect]}, or change the notice and "
                "notice_disclosures.csv before the use goes on."
            )
            yield ChartDifference(Breach.UNDISCLOSED_USE, told.category, aspect, entry.member, entry.columns, message)
        for entry in _missing(ours, theirs):
            message = (
                f'{told.label}: the notice discloses {_words(aspect)} "{entry.label}", and no column '
                f"declares it. Declare it ({_META_KEY[aspect]}) where it holds, or take it out of the notice "
                "and notice_disclosures.csv."
            )
            yield ChartDifference(Breach.UNBACKED_DISCLOSURE, told.category, aspect, entry.member, (), message)


def _unbacked_category(row: ChartRow) -> ChartDifference:
    message = (
        f"{row.label}: the notice discloses this category, and no column is tagged with it. Tag the columns "
        "that hold it, or take it out of the notice and notice_disclosures.csv."
    )
    return ChartDifference(Breach.UNBACKED_DISCLOSURE, row.category, None, None, (), message)


def _undisclosed_category(row: ChartRow, known: list[str]) -> ChartDifference:
    message = (
        f"{row.label}: the notice does not disclose this category, which {_some(row.columns)} are "
        f"tagged with. {suggestion(row.category, known)} Correct the tag, or change the notice and its seeds "
        "before the use goes on."
    )
    return ChartDifference(Breach.UNDISCLOSED_USE, row.category, None, None, row.columns, message)


def _cell(row: ChartRow | None, aspect: Aspect) -> tuple[Entry, ...]:
    return row.cells[aspect] if row else ()


def _missing(entries: Iterable[Entry], other: Iterable[Entry], also: Iterable[Entry] = ()) -> list[Entry]:
    """Return the entries whose member neither `other` nor `also` has."""
    there = {entry.member for entry in (*other, *also)}
    return [entry for entry in entries if entry.member not in there]


def _open_parties(chart: Chart, aspect: Aspect) -> tuple[Entry, ...]:
    return chart.parties_of_every_category if aspect is Aspect.PARTY else ()


def _parties_of_every_category(taxonomy: Taxonomy) -> tuple[Entry, ...]:
    return tuple(Entry(party.name, party.label) for party in taxonomy.parties if party.is_for_every_category)


def _printed(entries: Iterable[Entry]) -> str:
    return "; ".join(entry.label for entry in entries)


def _words(aspect: Aspect) -> str:
    return "kind" if aspect is Aspect.PI_KIND else aspect.value


def _some(columns: tuple[str, ...]) -> str:
    """Return the first columns, and how many more there are."""
    shown = ", ".join(columns[:_COLUMNS_IN_A_MESSAGE])
    more = len(columns) - _COLUMNS_IN_A_MESSAGE
    return f"{shown} and {more} more" if more > 0 else shown
