"""`govern restore-check`: after a backup was restored, make sure that nobody who was deleted is back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from privacy_governance.cli.terminal import out


def add_to(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("restore-check", epilog="Example: govern restore-check --ledger /mnt/evidence/ledger")(restore_check)


def restore_check(
    *,
    ledger: Annotated[
        Path | None,
        typer.Option(help="Folder of the ledger's copy; GOVERN_STATE_DIR's when left out.", show_default=False),
    ] = None,
) -> None:
    """Hold a restored warehouse to the ledger's copy: everything tombstoned is purged again, then analysts read again.

    Analysts' access is revoked first and stays so until this ends. Stopped in between, run it again.
    """
    from privacy_governance import restoring
    from privacy_governance.cli.nightly import only_night
    from privacy_governance.night import open_night

    with open_night(datetime.now(UTC).date()) as night, only_night(night.warehouse):
        checked = restoring.check(night, copy_folder=ledger)
    out.print(
        f"{checked.brought_back:,} rows of the ledger brought back, {checked.purged_rows:,} rows purged again; "
        "[green]nobody who was deleted is back[/], analysts read again"
    )
