"""Notice that the warehouse's ledger is behind its copy: a backup was restored, or a tail was cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privacy_governance.errors import WarehouseError
from privacy_governance.ledger.copying import is_pending, require_known
from privacy_governance.ledger.folder import copy_files, ledger_folder
from privacy_governance.ledger.rows import SESSION

if TYPE_CHECKING:
    from privacy_governance.settings import Settings
    from privacy_governance.warehouse import Warehouse


def require_current(warehouse: Warehouse, settings: Settings) -> None:
    """Refuse a warehouse whose ledger is behind its copy, or whose restore check is not through.

    Raises:
        WarehouseError: with what to run.

    """
    with warehouse.connect("look for a restored backup", session=SESSION) as connection:
        known = connection.execute(
            "select to_regclass('governance.restore_checks'), to_regclass('governance.ledger_copies')"
        ).fetchone()
        files = copy_files(ledger_folder(settings))
        if known is None or None in known:
            if files:
                raise WarehouseError(
                    f"{ledger_folder(settings)} holds a copy of a ledger, and the warehouse has none. If it was "
                    "restored from an old backup, run govern restore-check; if it is new, move the folder away."
                )
            return
        if connection.execute("select 1 from governance.restore_checks where closed_at is null").fetchone():
            raise WarehouseError("a restore check did not come to its end. Run govern restore-check again.")
        if files and not is_pending(connection, ledger_folder(settings)):
            require_known(connection, ledger_folder(settings), files)
