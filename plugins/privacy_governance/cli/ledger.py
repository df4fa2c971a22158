"""`govern verify-ledger`: recompute the receipts' chain, and hold the warehouse to the ledger's copy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from privacy_governance.cli.terminal import out
from privacy_governance.errors import PublishingBlockedError
from privacy_governance.settings import settings

if TYPE_CHECKING:
    from privacy_governance.ledger import Finding

FINDINGS_SHOWN = 50


def add_to(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command("verify-ledger", epilog="Example: govern verify-ledger --ledger /mnt/evidence/ledger")(verify_ledger)


def verify_ledger(
    *,
    ledger: Annotated[
        Path | None,
        typer.Option(help="Folder of the ledger's copy; GOVERN_STATE_DIR's when left out.", show_default=False),
    ] = None,
) -> None:
    """Recompute every receipt's digest and its link to the one before, and compare the ledger with its copy.

    Changes nothing. Exits with 1 when anything was edited, left out, reordered or cut off; names the receipts.
    """
    from privacy_governance.ledger import verify
    from privacy_governance.ledger.folder import ledger_folder
    from privacy_governance.warehouse import open_warehouse

    with open_warehouse(settings()) as warehouse:
        verified = verify(warehouse, ledger or ledger_folder(settings()))
    for finding in verified.findings[:FINDINGS_SHOWN]:
        out.print(f"  [red]✗[/] {described(finding)}", markup=True)
    if len(verified.findings) > FINDINGS_SHOWN:
        out.print(f"    … {verified.found - FINDINGS_SHOWN:,} more")
    copied = f"{verified.copied_receipts:,} compared with the copy" if verified.copies else "no copy to compare with"
    out.print(f"{verified.receipts:,} receipts recomputed, {copied}\nnewest digest {verified.head}")
    if not verified.is_whole:
        raise PublishingBlockedError(f"the ledger is not what was written: {verified.found:,} finding(s) above.")
    out.print("[green]the ledger is whole[/]")


def described(finding: Finding) -> str:
    """Return a finding as one line."""
    if finding.first_receipt is None:
        return finding.what
    if finding.first_receipt == finding.last_receipt:
        return f"receipt {finding.first_receipt}: {finding.what}"
    return f"receipts {finding.first_receipt} to {finding.last_receipt}: {finding.what}"
