"""Records of a delimited file, checked one by one: separator, header, field counts, physical line numbers."""

from __future__ import annotations

import csv
from itertools import islice
from typing import TYPE_CHECKING

from privacy_governance.intake.inference import Evidence
from privacy_governance.intake.names import refusals_of_names
from privacy_governance.intake.outcome import LoadedColumn, Refusal, RefusedError, StagedColumn
from privacy_governance.intake.text import decoded, lines

if TYPE_CHECKING:
    from _csv import Reader  # the standard library's own type of csv.reader, named in typeshed only
    from collections.abc import Iterator, Sequence

    from privacy_governance.intake.folder import DataFile

SEPARATORS = (",", ";", "\t", "|")
SEPARATOR_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
BY_ENDING = {".tsv": "\t", ".tab": "\t", ".psv": "|"}
SAMPLE_LINES = 200
FIELD_CHARACTERS = 16 * 1024 * 1024  # a quote that is never closed ends here, not at the end of memory
MOST_REFUSALS = 10
BATCH = 2000


class DelimitedFile:
    """A delimited file in one encoding: its header at once, its records as they are asked for."""

    def __init__(self, file: DataFile, encoding: str) -> None:
        self.name = file.name
        self.path = file.path
        self.encoding = encoding
        with decoded(self.path, encoding) as text:
            sample = list(islice(lines(text, self.name), SAMPLE_LINES))
        if not sample:
            raise RefusedError(Refusal(self.name, None, "empty: not even a header."))
        self.separator = BY_ENDING.get(file.ending) or separator_of(sample)
        self.blank_lines = 0
        self.rows = 0
        self.header = self._header()
        self.evidence = [Evidence() for _ in self.header]

    def _header(self) -> list[str]:
        with decoded(self.path, self.encoding) as text:
            reader = self._reader(lines(text, self.name))
            try:
                header: list[str] = next((record for record in reader if record), [])
            except csv.Error:
                reason = "the header can't be read: a quote is misplaced or never closed."
                raise RefusedError(Refusal(self.name, 1, reason)) from None
            line = reader.line_num
        if not header:
            raise RefusedError(Refusal(self.name, None, "blank: not even a header."))
        if found := refusals_of_names(header, self.name, line):
            raise RefusedError(*found[:MOST_REFUSALS])
        return header

    def _reader(self, source: Iterator[str]) -> Reader:
        csv.field_size_limit(FIELD_CHARACTERS)
        return csv.reader(source, delimiter=self.separator, strict=True)

    def batches(self) -> Iterator[Sequence[Sequence[str]]]:
        """Yield the records after the header, in lists.

        Raises:
            RefusedError: lines whose number of fields isn't the header's, a misplaced quote, a NUL.
            UnicodeDecodeError: another encoding.

        """
        found: list[Refusal] = []
        self.blank_lines, self.rows, self.evidence = 0, 0, [Evidence() for _ in self.header]
        with decoded(self.path, self.encoding) as text:
            reader = self._reader(lines(text, self.name))
            next(record for record in reader if record)  # the header, and blank lines before it
            records = self._checked(reader, found)
            while batch := list(islice(records, BATCH)):
                self.rows += len(batch)
                for position, evidence in enumerate(self.evidence):
                    if evidence.forms:
                        evidence.observe([record[position] for record in batch])
                yield batch
        if found:
            raise RefusedError(*found)

    def _checked(self, reader: Reader, found: list[Refusal]) -> Iterator[list[str]]:
        """Yield the records that have the header's width; note the others in `found`, up to a limit."""
        width, before = len(self.header), reader.line_num
        try:
            for record in reader:
                if len(record) == width:
                    yield record
                elif record:
                    reason = f"{len(record):,} fields; the header has {width:,}."
                    found.append(Refusal(self.name, before + 1, reason))
                    if len(found) == MOST_REFUSALS:
                        return
                elif width == 1:
                    yield [""]
                else:
                    self.blank_lines += 1
                before = reader.line_num
        except csv.Error:
            reason = f"a quote is misplaced or never closed, or a field is over {FIELD_CHARACTERS:,} characters."
            found.append(Refusal(self.name, before + 1, reason))

    @property
    def staging(self) -> list[str]:
        """Column definitions of the table that the records are staged in."""
        return [f"c{position} text" for position in range(len(self.header))]

    def columns(self) -> list[StagedColumn]:
        """Return the columns, and where their values are staged; whole once the batches were read."""
        return [
            StagedColumn(LoadedColumn(name, evidence.data_type), f"c{position}::{evidence.data_type}")
            for position, (name, evidence) in enumerate(zip(self.header, self.evidence, strict=True))
        ]

    @property
    def notes(self) -> tuple[str, ...]:
        """What was decided for the reader about this file's form."""
        found = [] if self.separator == "," else [f"separated by {SEPARATOR_NAMES[self.separator]}"]
        return (*found, *([f"{self.blank_lines:,} blank lines left out"] if self.blank_lines else []))


def separator_of(sample: Sequence[str]) -> str:
    """Return the separator under which the header has most fields, best one that every line agrees with.

    A header without any separator is one column: then a comma, so that an unquoted comma below it is refused.
    """

    def merit(separator: str) -> tuple[bool, int, int]:
        csv.field_size_limit(FIELD_CHARACTERS)
        widths: list[int] = []
        try:
            widths.extend(len(record) for record in csv.reader(sample, delimiter=separator) if record)
        except csv.Error:
            return False, 0, 0
        width = widths[0] if widths else 0
        # the last record may be cut off where the sample ends
        agrees = width > 1 and all(each == width for each in widths[:-1] or widths)
        return agrees, width, -SEPARATORS.index(separator)

    return max(SEPARATORS, key=merit)
