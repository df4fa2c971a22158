"""Which entries of a dump's folder are data, of which format, and the table each becomes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from privacy_governance.errors import IntakeError
from privacy_governance.intake.outcome import LoadedFile, Refusal

if TYPE_CHECKING:
    from pathlib import Path

Format = Literal["delimited", "json"]

FORMATS: dict[str, Format] = {
    ".csv": "delimited",
    ".tsv": "delimited",
    ".tab": "delimited",
    ".psv": "delimited",
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
}
ACCEPTED = "CSV, TSV, PSV, JSONL, NDJSON or JSON, each also .gz"
DOCUMENTATION = {".md", ".rst", ".html", ".htm", ".pdf"}
DOCUMENTATION_STEMS = {"readme", "license", "licence", "notice", "copying", "changelog"}
NAME_BYTES = 63


@dataclass(frozen=True)
class DataFile:
    """A file to load: where it is, how it is written, and its table's name in `raw`."""

    path: Path
    format: Format
    table: str
    ending: str

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return self.path.name


def survey(folder: Path) -> tuple[list[DataFile], list[LoadedFile]]:
    """Return the files to load and the entries that are not loaded, each with its reason.

    Raises:
        IntakeError: no such folder, not a folder, not readable, or empty.

    """
    try:
        entries = sorted(folder.iterdir())
    except FileNotFoundError:
        raise IntakeError(f"there is no folder {folder}. Name the folder that holds the dump.") from None
    except NotADirectoryError:
        raise IntakeError(f"{folder} is a file. Name the folder that holds it; a file becomes a table.") from None
    except OSError as error:
        raise IntakeError(f"folder {folder} can't be read: {error.strerror}. Check its permissions.") from None
    if not entries:
        raise IntakeError(f"folder {folder} is empty. Put {ACCEPTED} files into it.")
    found = [data_file(entry) for entry in entries]
    tables = Counter(file.table for file in found if isinstance(file, DataFile))
    data: list[DataFile] = []
    others: list[LoadedFile] = []
    for file in found:
        if isinstance(file, LoadedFile):
            others.append(file)
        elif tables[file.table] > 1:
            reason = f"{tables[file.table]} files here would become raw.{file.table}. Rename all but one."
            others.append(refused(file.name, reason))
        else:
            data.append(file)
    return data, others


def data_file(path: Path) -> DataFile | LoadedFile:
    """Return how to load one entry of the folder, or why it isn't loaded."""
    bare = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    ending = bare.suffix.lower()
    if path.name.startswith("."):
        return passed_over(path.name, "a hidden file")
    if ending in DOCUMENTATION or bare.stem.lower() in DOCUMENTATION_STEMS:
        return passed_over(path.name, "documentation by its name, not data")
    if reason := reason_against(path, bare):
        return refused(path.name, reason)
    return DataFile(path, FORMATS[ending], bare.stem, ending)


def reason_against(path: Path, bare: Path) -> str | None:
    """Return why an entry can't become a table, or None; `bare` is its path without `.gz`."""
    if path.is_dir():
        return "a folder inside the dump. Load it by itself: the files of one folder are taken at a time."
    if bare.suffix.lower() not in FORMATS:
        return f"not a format that can be loaded. Convert it to {ACCEPTED}."
    if not path.is_file():
        return "not a regular file (a broken link, a pipe or a device). Put the file itself here."
    if not bare.stem.isprintable():
        return "its name, which the table would have, has characters that can't be shown. Rename it."
    if len(bare.stem.encode()) > NAME_BYTES:
        return f"its name is over {NAME_BYTES} bytes, PostgreSQL's limit for a table. Shorten it."
    return None


def refused(name: str, reason: str) -> LoadedFile:
    """Return the outcome of an entry that is refused as a whole."""
    return LoadedFile(name, "refused", refusals=(Refusal(name, None, reason),))


def passed_over(name: str, reason: str) -> LoadedFile:
    """Return the outcome of an entry that holds no data."""
    return LoadedFile(name, "passed over", refusals=(Refusal(name, None, reason),))
