"""Hold what came back from a backup to everything the ledger's copy knows.

11 CCR 7022(d): archived or backup copies may wait until they are restored. Then this is due.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from privacy_governance import ledger
from privacy_governance import night as nights
from privacy_governance.errors import StepError, WarehouseError
from privacy_governance.ledger.folder import copy_files, ledger_folder, receipt_digests
from privacy_governance.ledger.latest import bring_back, load_latest
from privacy_governance.ledger.rows import SESSION
from privacy_governance.locks import Lock
from privacy_governance.progress import say
from privacy_governance.warehouse.bootstrap import bootstrap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from privacy_governance.warehouse import Warehouse

STEP = "restore"
# recomputes every identifier's token from raw, without the tables that the purge matches by
ALIVE = "violation_tombstoned_subject_alive"


@dataclass(frozen=True)
class RestoreCheck:
    """What a restore check did: ledger rows and receipts brought back, rows purged again."""

    brought_back: int
    purged_rows: int


def check(night: nights.Night, *, copy_folder: Path | None = None) -> RestoreCheck:
    """Revoke analysts' access, bring the ledger back from its copy, purge everything again, verify, and grant again.

    Killed at any point, access stays revoked and nights refuse to run until this is run again and ends.

    Args:
        night: in whose name rows are purged.
        copy_folder: where the ledger's copy is, when not in the settings' folder.

    Raises:
        GovernanceError: the copy is damaged, a step did not complete, or somebody tombstoned is still there.

    """
    warehouse = night.warehouse
    bootstrap(warehouse, fingerprints=night.keys.fingerprints())
    check_id = _open(warehouse)
    say(STEP, "analysts read nothing until this is through")
    _bring_back(night, check_id, copy_folder or ledger_folder(night.settings))
    with _as_only_step(warehouse):
        for step in ("compile", "tombstone", "purge"):
            nights.STEPS[step](night)
        _require_none_alive(night)
    ledger.copy(warehouse, night.settings)
    return _close(warehouse, check_id)


def _open(warehouse: Warehouse) -> int:
    with warehouse.connect("open a restore check") as connection:
        connection.execute("revoke usage on schema research from analyst")
        found = connection.execute("select check_id from governance.restore_checks where closed_at is null").fetchone()
        if found is None:
            found = connection.execute(
                "insert into governance.restore_checks default values returning check_id"
            ).fetchone()
    return int(found[0]) if found else 0


def _bring_back(night: nights.Night, check_id: int, where: Path) -> None:
    files = copy_files(where)
    if not files:
        raise WarehouseError(
            f"{where} holds no copy of the ledger. Give the folder that the nights wrote: "
            "govern restore-check --ledger DIR"
        )
    with night.warehouse.connect("compare with the ledger's copy", session=SESSION) as connection:
        known = connection.execute(
            "select 1 from governance.ledger_copies where copy_id = %s and digest = %s",
            [files[-1].copy_id, files[-1].digest],
        ).fetchone()
    if known:
        # nothing is behind, or an earlier run of this came as far: what is newer here must not be undone by the copy
        if where == ledger_folder(night.settings):
            ledger.copy(night.warehouse, night.settings)
        brought_back = 0
    else:
        with night.warehouse.connect("bring the ledger back", session=SESSION) as connection:
            load_latest(connection, files, receipts=True)
            brought_back = bring_back(connection)
            newest = 0
            for file in files:
                for number, _ in receipt_digests([file]):
                    newest = number
                connection.execute(
                    "insert into governance.ledger_copies (copy_id, digest, newest_receipt) values (%s, %s, %s)"
                    " on conflict (copy_id) do update set digest = excluded.digest,"
                    " newest_receipt = excluded.newest_receipt",
                    [file.copy_id, file.digest, newest],
                )
    with night.warehouse.connect("have everything matched anew") as connection:
        connection.execute("delete from governance.identifier_watermarks")
        connection.execute(
            "update governance.restore_checks set brought_back = coalesce(brought_back, 0) + %s where check_id = %s",
            [brought_back, check_id],
        )
    say(STEP, f"{brought_back:,} rows of the ledger brought back from its copy; all of raw is matched anew")


def _require_none_alive(night: nights.Night) -> None:
    night.transformations.run("run", ALIVE)
    with night.warehouse.connect("look for tombstoned subjects") as connection:
        found = connection.execute(f"select count(*) from audit.{ALIVE}".encode()).fetchone()  # noqa: S608 -- its name
    if found != (0,):
        raise StepError(
            f"somebody who was deleted is still there after the purge: audit.{ALIVE} names where. Analysts' access "
            "stays revoked. Follow its finding, then run govern restore-check again."
        )


def _close(warehouse: Warehouse, check_id: int) -> RestoreCheck:
    with warehouse.connect("close the restore check") as connection:
        purged = connection.execute(
            """
            update governance.restore_checks
            set
                closed_at = now(),
                purged_rows = (
                    select coalesce(sum(purged_rows), 0)
                    from governance.purge_receipts
                    where purged_at >= opened_at
                )
            where check_id = %s
            returning coalesce(brought_back, 0), purged_rows
            """,
            [check_id],
        ).fetchone() or (0, 0)
        connection.execute("grant usage on schema research to analyst")
    return RestoreCheck(*purged)


@contextmanager
def _as_only_step(warehouse: Warehouse) -> Iterator[None]:
    with warehouse.connect("wait for other steps", autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(%s)", [Lock.STEP])
        yield
