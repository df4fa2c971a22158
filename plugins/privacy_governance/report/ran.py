"""Which nights there is anything to report on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privacy_governance.errors import SettingsError

if TYPE_CHECKING:
    from privacy_governance.settings import Settings
    from privacy_governance.warehouse import Warehouse

NIGHTS_NAMED = 3
RECORDS = {
    "governance.nights": "select night::text from governance.nights",
    "governance.purge_receipts": "select distinct night::text from governance.purge_receipts",
}


def require_ran(warehouse: Warehouse, settings: Settings, night: str) -> None:
    """Refuse a night (YYYY-MM-DD) that left nothing: no decision, no receipt, and not a word of any step.

    Raises:
        SettingsError: it never ran; names the newest nights that did.

    """
    ran = {file.parent.name for file in settings.nights.glob("*/progress.jsonl")}
    with warehouse.connect("look for nights that ran") as connection:
        for relation, nights in RECORDS.items():
            if connection.execute("select to_regclass(%s)", [relation]).fetchone() != (None,):
                ran |= {on for (on,) in connection.execute(nights)}
    if night in ran:
        return
    newest = sorted(ran, reverse=True)[:NIGHTS_NAMED]
    if not newest:
        raise SettingsError(f"night {night} never ran on this warehouse, nor did any other. Run one: govern nightly")
    raise SettingsError(
        f"night {night} never ran on this warehouse: there is nothing to report. The newest that did: "
        f"{', '.join(newest)}. Take one of them: govern report --date {newest[0]}"
    )
