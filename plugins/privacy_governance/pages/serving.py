"""Which file an address of the Governance page means: a night's report, or a page of Data Docs; nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privacy_governance.pages.nights import DATA, NIGHT, REPORT

if TYPE_CHECKING:
    from pathlib import Path

# of a night only these: its logs and its progress are Airflow's to show
REPORT_FILES = frozenset({REPORT, DATA})


def docs_site(expectations: Path) -> Path:
    """Return the folder that `great_expectations.yml` lets Data Docs be written to."""
    return expectations / "uncommitted" / "data_docs" / "local_site"


def night_file(nights: Path, night: str, name: str) -> Path | None:
    """Return a night's report file; None where the name is none of a report, or there is no such file."""
    if not NIGHT.fullmatch(night) or name not in REPORT_FILES:
        return None
    return _below(nights, nights / night / name)


def docs_file(site: Path, path: str) -> Path | None:
    """Return a page of Data Docs by its path below the site; None where it is no HTML page below it."""
    if not path.endswith(".html") or "\0" in path:
        return None
    return _below(site, site / path)


def media_type(file: Path) -> str:
    """Return what a served file is, for its Content-Type."""
    return "application/json" if file.suffix == ".json" else "text/html; charset=utf-8"


def _below(folder: Path, file: Path) -> Path | None:
    """Return the file if it exists and, every link followed, lies below the folder."""
    found = file.resolve()
    return found if found.is_relative_to(folder.resolve()) and found.is_file() else None
