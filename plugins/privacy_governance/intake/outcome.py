"""What a load did: per file its table, rows and columns, or the reasons why it was refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pathlib import Path

State = Literal["loaded", "refused", "passed over"]


@dataclass(frozen=True)
class Refusal:
    """Why a file was refused: name, physical line (from 1; None: the whole file), reason; never a value."""

    file: str
    line: int | None
    reason: str

    def __str__(self) -> str:
        """Return `file:line: reason`."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.reason}"


@dataclass(frozen=True)
class LoadedColumn:
    """A column as it stands in `raw`: its name exactly as in the file, and its PostgreSQL type."""

    name: str
    data_type: str


@dataclass(frozen=True)
class StagedColumn:
    """A column to be: its name and type, and the SQL that reads its value from the staging table."""

    column: LoadedColumn
    value: str


@dataclass(frozen=True)
class LoadedFile:
    """One entry of the folder and what became of it.

    `passed over` is for documentation and hidden files, with the reason in `refusals`; anything else that
    isn't loaded is `refused`. `notes` hold what was decided for the reader: encoding, separator, blank lines.
    """

    file: str
    state: State
    relation: str | None = None
    rows: int = 0
    columns: tuple[LoadedColumn, ...] = ()
    seconds: float = 0.0
    refusals: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class LoadedDump:
    """A folder's load: one entry per entry of the folder, in order of name."""

    folder: Path
    files: tuple[LoadedFile, ...]

    @property
    def loaded(self) -> tuple[LoadedFile, ...]:
        """The files that now are tables."""
        return tuple(file for file in self.files if file.state == "loaded")

    @property
    def refused(self) -> tuple[LoadedFile, ...]:
        """The files that left no trace, with their reasons."""
        return tuple(file for file in self.files if file.state == "refused")

    @property
    def rows(self) -> int:
        """Rows loaded, over all files."""
        return sum(file.rows for file in self.loaded)


class RefusedError(Exception):
    """A file can't be taken; carries every refusal found (never leaves this package)."""

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__(f"{len(refusals)} refusals")
        self.refusals = refusals
