"""Search the files that a night leaves outside the warehouse: dbt's target, Data Docs, logs, reports, the copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from privacy_governance.settings import Settings

CHUNK = 1 << 20


@dataclass(frozen=True)
class Holding:
    """A file that holds the bytes."""

    file: Path


def search_files(settings: Settings, needle: str) -> tuple[Holding, ...]:
    """Return each file of the state folder, dbt's artifacts and Data Docs that holds `needle`."""
    return tuple(Holding(file) for file in _files(settings) if _holds(file, needle.encode()))


def _files(settings: Settings) -> Iterator[Path]:
    folders = (
        settings.state,
        settings.dbt_project / "target",
        settings.dbt_project / "logs",
        settings.expectations / "uncommitted",
        settings.project_dir / "logs",
    )
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            # the embedded server's data directory is searched by the server; its log is a file like others
            if file.is_file() and (
                settings.embedded_data not in file.parents or file == settings.embedded_data / "log"
            ):
                yield file


def _holds(file: Path, needle: bytes) -> bool:
    tail = b""
    with file.open("rb") as content:
        while chunk := content.read(CHUNK):
            if needle in tail + chunk:
                return True
            tail = chunk[-len(needle) :]
    return False
