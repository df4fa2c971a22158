"""Reads an effective-dated seed and refuses one that is wrong, by file and line."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING

from privacy_governance.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


class Cell(Enum):
    """What a cell of a column may hold."""

    TEXT = "text"
    OPTIONAL_TEXT = "text or empty"
    INTEGER = "a whole number"
    BOOLEAN = "true or false"


@dataclass(frozen=True)
class SeedShape:
    """What a seed must look like.

    `columns` are those besides valid_from and valid_to, which every one of these seeds has; `key` must be
    unique on every day; `accepted` limits the words of a column.
    """

    name: str
    columns: Mapping[str, Cell]
    key: tuple[str, ...]
    accepted: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """Return the seed's file name."""
        return f"{self.name}.csv"


@dataclass(frozen=True)
class SeedRow:
    """One row and where it stands; in force from `valid_from` to the day before `valid_to` (None: still)."""

    file: str
    line: int
    values: Mapping[str, str]
    valid_from: date
    valid_to: date | None

    @property
    def where(self) -> str:
        """Return file and line, as errors name them."""
        return f"{self.file}, line {self.line}"

    def text(self, column: str) -> str:
        """Return a cell as text."""
        return self.values[column]

    def optional(self, column: str) -> str | None:
        """Return a cell as text, None where it is empty."""
        return self.values[column] or None

    def integer(self, column: str) -> int:
        """Return a cell as a whole number."""
        return int(self.values[column])

    def boolean(self, column: str) -> bool:
        """Return a cell as a boolean."""
        return self.values[column].lower() == "true"

    def is_in_force(self, on: date) -> bool:
        """Return whether the row is in force on a day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    def overlaps(self, other: SeedRow) -> bool:
        """Return whether there is a day on which both rows are in force."""
        return (other.valid_to is None or self.valid_from < other.valid_to) and (
            self.valid_to is None or other.valid_from < self.valid_to
        )

    def covers(self, other: SeedRow) -> bool:
        """Return whether this row is in force on every day on which the other is."""
        ends_late_enough = self.valid_to is None or (other.valid_to is not None and other.valid_to <= self.valid_to)
        return self.valid_from <= other.valid_from and ends_late_enough


def read_seed(folder: Path, shape: SeedShape) -> tuple[SeedRow, ...]:
    """Return the rows of a seed, in the file's order.

    Raises:
        DeclarationError: names file and line of a missing column, a line of the wrong length, an unusable
            cell or date, a period that ends before it begins, a row given twice, or two periods of one key
            that overlap.

    """
    rows = tuple(_row(shape, line, values) for line, values in _lines(folder, shape))
    if not rows:
        raise DeclarationError(f"{shape.file} has no rows. Restore them from version control.")
    _require_one_row_a_day(shape, rows)
    return rows


def _lines(folder: Path, shape: SeedShape) -> Iterable[tuple[int, dict[str, str]]]:
    """Yield the number of each line (where the row ends, if a cell spans lines) and its cells by column."""
    path = folder / shape.file
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DeclarationError(f"{shape.file} is missing from {folder}. Restore it from version control.") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise DeclarationError(f"{shape.file}, line {line}: not UTF-8. Save the file as UTF-8.") from None
    except OSError as error:
        raise DeclarationError(f"{shape.file} can't be read: {error.strerror}.") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        _require_columns(shape, header)
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                raise DeclarationError(
                    f"{shape.file}, line {reader.line_num}: {len(cells)} cells, {len(header)} in the header. "
                    "Quote a cell that holds a comma."
                )
            yield reader.line_num, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise DeclarationError(f"{shape.file}, line {reader.line_num}: not CSV ({error}).") from None


def _require_columns(shape: SeedShape, header: list[str]) -> None:
    """Refuse a header that lacks a column, or names one twice."""
    missing = [column for column in (*shape.columns, "valid_from", "valid_to") if column not in header]
    if missing:
        raise DeclarationError(f"{shape.file}, line 1: no column {', '.join(missing)}. Add it to the header.")
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise DeclarationError(f"{shape.file}, line 1: column {', '.join(twice)} stands twice. Keep one.")


def _row(shape: SeedShape, line: int, values: dict[str, str]) -> SeedRow:
    """Return a checked row."""
    where = f"{shape.file}, line {line}"
    for column, cell in shape.columns.items():
        _require_cell(f"{where}: {column}", values[column], cell)
        accepted = shape.accepted.get(column)
        if accepted and values[column] and values[column] not in accepted:
            raise DeclarationError(f'{where}: {column} "{values[column]}" is not one of {", ".join(sorted(accepted))}.')
    valid_from = _day(f"{where}: valid_from", values["valid_from"])
    valid_to = _day(f"{where}: valid_to", values["valid_to"]) if values["valid_to"] else None
    if valid_to is not None and valid_to <= valid_from:
        raise DeclarationError(
            f"{where}: valid_to {valid_to} is not after valid_from {valid_from}. "
            "valid_to is the first day on which the row is no longer in force."
        )
    return SeedRow(file=shape.file, line=line, values=values, valid_from=valid_from, valid_to=valid_to)


def _require_cell(where: str, value: str, cell: Cell) -> None:
    """Refuse a value its column can't hold."""
    if value != value.strip():
        raise DeclarationError(f'{where} "{value}" begins or ends with a space. Remove it.')
    usable = {
        Cell.TEXT: value != "",
        Cell.OPTIONAL_TEXT: True,
        Cell.INTEGER: value.isascii() and value.isdigit(),
        Cell.BOOLEAN: value.lower() in {"true", "false"},
    }[cell]
    if not usable:
        found = f'"{value}"' if value else "empty"
        raise DeclarationError(f"{where} is {found}; it must be {cell.value}.")


def _day(where: str, value: str) -> date:
    """Return a day written YYYY-MM-DD; dbt would read other ISO forms otherwise."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = None
    if day is None or day.isoformat() != value:
        raise DeclarationError(f'{where} "{value}" is not a day. Write it as YYYY-MM-DD.')
    return day


def _require_one_row_a_day(shape: SeedShape, rows: tuple[SeedRow, ...]) -> None:
    """Refuse a key that has two rows in force on one day."""
    by_key: dict[tuple[str, ...], list[SeedRow]] = defaultdict(list)
    for row in rows:
        key = tuple(row.values[column] for column in shape.key)
        for earlier in by_key[key]:
            if earlier.values == row.values:
                raise DeclarationError(f"{row.where}: repeats line {earlier.line}. Remove one of the two.")
            if earlier.overlaps(row):
                named = ", ".join(f'{column} "{row.values[column]}"' for column in shape.key)
                raise DeclarationError(
                    f"{row.where}: {named} is in force on days that line {earlier.line} has already. "
                    "End the earlier row (valid_to) on the day the later one begins."
                )
        by_key[key].append(row)
