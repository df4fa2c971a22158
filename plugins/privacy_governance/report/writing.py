"""Write the report of a night where auditors find it: whole, or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from privacy_governance.errors import StepError
from privacy_governance.report.gathering import gather
from privacy_governance.report.page import as_json, html

if TYPE_CHECKING:
    from pathlib import Path

    from privacy_governance.settings import Settings
    from privacy_governance.warehouse import Warehouse


def write(warehouse: Warehouse, settings: Settings, *, night: str) -> Path:
    """Write `report.html` and `report.json` of `night` (YYYY-MM-DD); return the page's path.

    Raises:
        SettingsError: `night` is no date.
        StepError: the folder can't be written to.
        WarehouseError: the warehouse could not be asked.

    """
    facts = gather(warehouse, settings, night=night)
    folder = settings.nights / night
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder / "report.json", as_json(facts))
        _replace(folder / "report.html", html(facts))
    except OSError as error:
        raise StepError(
            f"the report could not be written to {folder} ({error.strerror}). Make room or mend its rights."
        ) from None
    return folder / "report.html"


def _replace(file: Path, content: str) -> None:
    """Put `content` in place of `file` in one move, so that a reader never sees half of it."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        unfinished.write_text(content, encoding="utf-8")
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
