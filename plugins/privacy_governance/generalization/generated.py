"""Hierarchies made from a few words instead of a file: intervals of whole numbers, days, masked text.

They are declared in `hierarchies.yml` beside the hierarchy files, a column a line:

    age:       {numbers: [0, 110], widths: [5, 10, 20]}
    born_on:   {dates: [1920-01-01, 2026-12-31], by: [month, year, decade]}
    zip:       {mask: 5}
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import yaml

from privacy_governance.errors import AnonymizationError
from privacy_governance.generalization.hierarchies import ANYTHING, Hierarchy, hierarchy_of, read_hierarchy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

DECLARATIONS = "hierarchies.yml"
MOST_LEAVES = 1_000_000
PERIODS: dict[str, Callable[[date], str]] = {
    "month": lambda day: f"{day:%Y-%m}",
    "quarter": lambda day: f"{day.year}-Q{(day.month + 2) // 3}",
    "year": lambda day: f"{day.year}",
    "decade": lambda day: f"{day.year // 10 * 10}s",
}


def intervals(column: str, lowest: int, highest: int, widths: Sequence[int]) -> Hierarchy:
    """Return whole numbers from `lowest` to `highest`, in intervals of rising `widths`, aligned at zero.

    Raises:
        AnonymizationError: no number, too many, or a width that is no multiple of the one before.

    """
    steps = [1, *widths]
    if any(after % before or after <= before for before, after in pairwise(steps)):
        raise AnonymizationError(
            f"{DECLARATIONS}, {column}: each width must be a multiple of the one before, as in [5, 10, 20], or an "
            "interval would have two parents."
        )
    _check_size(column, highest - lowest + 1)
    rows = [
        [str(number), *(_interval(number // width * width, width) for width in widths), ANYTHING]
        for number in range(lowest, highest + 1)
    ]
    return hierarchy_of(column, rows)


def dates(column: str, first: date, last: date, by: Sequence[str]) -> Hierarchy:
    """Return the days from `first` to `last` by month, quarter, year or decade, in that order.

    Raises:
        AnonymizationError: no day, an unknown period, or periods out of order.

    """
    if not set(by) <= set(PERIODS) or list(by) != [period for period in PERIODS if period in by]:
        raise AnonymizationError(f"{DECLARATIONS}, {column}: `by` takes some of {list(PERIODS)}, in this order.")
    _check_size(column, (last - first).days + 1)
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return hierarchy_of(column, [[str(day), *(PERIODS[period](day) for period in by), ANYTHING] for day in days])


def masks(column: str, values: Iterable[str], hidden: int) -> Hierarchy:
    """Return `values` with their last 1, 2, … `hidden` characters replaced by `*`, then nothing of them.

    The leaves are the values given: loss counts what is in the table, not what could be.
    """
    distinct = sorted(set(values))
    longest = max((len(value) for value in distinct), default=0)
    padded = {value: value.ljust(longest) for value in distinct}
    rows = [
        [value, *(f"{padded[value][: longest - cut]}{'*' * cut}" for cut in range(1, min(hidden, longest - 1) + 1))]
        for value in distinct
    ]
    return hierarchy_of(column, [[*row, ANYTHING] for row in rows])


@dataclass(frozen=True)
class Mask:
    """A hierarchy still to be made, of the values that the table turns out to have."""

    column: str
    hidden: int

    def of(self, values: Iterable[str]) -> Hierarchy:
        """Make it."""
        return masks(self.column, values, self.hidden)


def load(folder: Path, columns: Sequence[str]) -> list[Hierarchy | Mask]:
    """Return each column's hierarchy: of `hierarchies.yml`, `<column>.csv` or `…_hierarchy_<column>.csv`.

    Raises:
        AnonymizationError: no folder, no hierarchy for a column, two of them, or one that is wrong.

    """
    if not folder.is_dir():
        raise AnonymizationError(f"there is no folder {folder}. Name the one that holds the hierarchies.")
    declared = _declarations(folder / DECLARATIONS)
    return [_load_one(folder, column, declared) for column in columns]


def _load_one(folder: Path, column: str, declared: Mapping[str, Any]) -> Hierarchy | Mask:
    found = [
        path
        for path in sorted(folder.glob("*.csv"))
        if path.stem == column or path.stem.endswith(f"_hierarchy_{column}")
    ]
    if len(found) + (column in declared) > 1:
        names = ", ".join([path.name for path in found] + [DECLARATIONS] * (column in declared))
        raise AnonymizationError(f"{folder}: column {column} has more than one hierarchy ({names}). Keep one.")
    if found:
        return read_hierarchy(found[0], column)
    if column not in declared:
        raise AnonymizationError(
            f"{folder}: column {column} has no hierarchy. Add {column}.csv (value;level 1;level 2;…), or a line in "
            f"{DECLARATIONS} such as `{column}: {{numbers: [0, 110], widths: [5, 10, 20]}}`."
        )
    return _generate(column, declared[column])


def _generate(column: str, declaration: object) -> Hierarchy | Mask:
    match declaration:
        case {"numbers": [int(lowest), int(highest)], "widths": [*widths]} if all(isinstance(w, int) for w in widths):
            return intervals(column, lowest, highest, widths)
        case {"dates": [date() as first, date() as last], "by": [*by]}:
            return dates(column, first, last, [str(period) for period in by])
        case {"mask": int(hidden)} if hidden > 0:
            return Mask(column, hidden)
    raise AnonymizationError(
        f"{DECLARATIONS}, {column}: not understood. Write {{numbers: [0, 110], widths: [5, 10]}}, "
        "{dates: [1920-01-01, 2026-12-31], by: [month, year]} or {mask: 5}."
    )


def _declarations(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        return {}
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, OSError):
        raise AnonymizationError(f"{path} can't be read as YAML. Write a column a line.") from None
    if not isinstance(read, dict | None):
        raise AnonymizationError(f"{path} is no mapping of columns. Write `column: {{…}}` lines.")
    return read or {}


def _check_size(column: str, leaves: int) -> None:
    if not 0 < leaves <= MOST_LEAVES:
        raise AnonymizationError(
            f"{DECLARATIONS}, {column}: {leaves:,} values between its ends; 1 to {MOST_LEAVES:,} are possible."
        )


def _interval(start: int, width: int) -> str:
    separator = "-" if start >= 0 else " to "
    return f"{start}{separator}{start + width - 1}"
