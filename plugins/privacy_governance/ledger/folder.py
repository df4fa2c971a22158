"""The copy's folder: numbered files of JSON Lines, each with the digest of the one before it in its first line."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from privacy_governance.errors import WarehouseError
from privacy_governance.ledger.rows import GENESIS, RECEIPT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from privacy_governance.settings import Settings

# a receipt's line is cut at fixed places: parsing a million of JSON lines would take longer than hashing them
RECEIPT_HEAD = b'{"table": "purge_receipts", "digest": "'
RECEIPT_ROW = b'", "row": '
RECEIPT_START = len(RECEIPT_HEAD) + 64 + len(RECEIPT_ROW)
PENDING = ".pending"


@dataclass(frozen=True)
class CopyFile:
    """One file of the copy, as its first line describes it."""

    path: Path
    copy_id: int
    previous: str
    begins: bool

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the file."""
        return digest_of(self.path)

    def lines(self) -> Iterator[bytes]:
        """Yield each line after the first, without its end.

        Raises:
            WarehouseError: the last line is not whole.

        """
        with self.path.open("rb") as file:
            file.readline()
            for line in file:
                if not line.endswith(b"\n"):
                    raise WarehouseError(f"{self.path} ends in mid-line: bring it back from where it is kept too.")
                yield line[:-1]


def ledger_folder(settings: Settings) -> Path:
    """Where the copy is kept; best on other storage than the warehouse."""
    return settings.state / "ledger"


def copy_files(folder: Path) -> tuple[CopyFile, ...]:
    """Return the files from the last that begins a copy to the newest.

    Raises:
        WarehouseError: a file is missing, cut short, or was edited; names it.

    """
    found = sorted(folder.glob("[0-9]*.jsonl")) if folder.is_dir() else []
    files: list[CopyFile] = []
    for path in reversed(found):
        file = _read_head(path)
        if files and (file.copy_id + 1 != files[-1].copy_id or file.digest != files[-1].previous):
            raise WarehouseError(
                f"{folder}: {path.name} is not the file that {files[-1].path.name} follows. One was edited or is "
                "missing: bring it back from where the folder is kept too."
            )
        files.append(file)
        if file.begins:
            return tuple(reversed(files))
    if files:
        raise WarehouseError(
            f"{folder} begins with copy {files[-1].copy_id}: what came before is missing. Bring it back from where "
            "the folder is kept too."
        )
    return ()


def write(path: Path, *, copy_id: int, previous: str, begins: bool, lines: Iterable[bytes]) -> str:
    """Write one file so that it is on disk when this returns; return its digest."""
    head = {"copy": copy_id, "previous": previous, "begins": begins, "receipt": RECEIPT_COLUMNS}
    digest = hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("wb") as file:
        for line in chain((json.dumps(head).encode() + b"\n",), lines):
            digest.update(line)
            file.write(line)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def settle(path: Path) -> None:
    """Give a file that the warehouse knows its name, and have the folder keep it."""
    path.rename(path.with_suffix(""))
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def receipt_digests(files: Iterable[CopyFile]) -> Iterator[tuple[int, bytes]]:
    """Yield number and digest of every copied receipt, in order; cut out of the lines, not parsed."""
    head, start = len(RECEIPT_HEAD), RECEIPT_START + 1
    for file in files:
        for line in file.lines():
            if line.startswith(RECEIPT_HEAD):
                yield int(line[start : line.index(b",", start)]), line[head : head + 64]


def _read_head(path: Path) -> CopyFile:
    try:
        with path.open("rb") as file:
            head = json.loads(file.readline())
        copied = CopyFile(path, int(head["copy"]), str(head["previous"]), bool(head["begins"]))
    except (ValueError, KeyError, TypeError):
        copied = None
    if copied is None or copied.copy_id != int(path.stem) or len(copied.previous) != len(GENESIS):
        raise WarehouseError(f"{path} is no ledger copy: bring the file back from where the folder is kept too.")
    return copied
