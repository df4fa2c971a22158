"""Bring a warehouse to the shape that a night relies on: roles, schemas, ledger; and hold it to one key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privacy_governance.errors import WarehouseError
from privacy_governance.locks import Lock
from privacy_governance.scripts import script
from privacy_governance.warehouse.roles import create_roles, keep_rights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from privacy_governance.warehouse.connection import Connection, Warehouse

# each safe to run again, in this order: a table before what refers to it, a function after the tables that it reads
SCRIPTS = (
    "base", "subjects", "tags", "requests", "retention", "receipts", "purge", "counting", "rewriting", "planning",
    "partitions", "identifiers", "holds", "releases", "release_counts",
)  # fmt: skip


def bootstrap(warehouse: Warehouse, *, fingerprints: Mapping[str, str]) -> None:
    """Create what is missing, in one transaction; `fingerprints` is the key's fingerprint by purpose.

    Raises:
        WarehouseError: roles are missing and may not be created, another role owns the ledger, or the key is not the
            one used before.

    """
    with warehouse.connect("prepare the warehouse") as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", [Lock.BOOTSTRAP])
        connection.execute("set local client_min_messages = warning")  # "already exists, skipping" is no news
        create_roles(connection)
        for name in SCRIPTS:
            connection.execute(script(__package__, name))
        keep_rights(connection)
        for purpose, fingerprint in fingerprints.items():
            _hold_to_key(connection, purpose, fingerprint)


def _hold_to_key(connection: Connection, purpose: str, fingerprint: str) -> None:
    connection.execute(
        "insert into governance.key_fingerprints (purpose, fingerprint) values (%s, %s) on conflict do nothing",
        [purpose, fingerprint],
    )
    known = connection.execute(
        "select fingerprint from governance.key_fingerprints where purpose = %s", [purpose]
    ).fetchone()
    if known != (fingerprint,):
        raise WarehouseError(
            f"GOVERN_KEY is not the key this warehouse's {purpose} tokens were made with: tombstones would match "
            "nobody. Restore the former key (the demo keeps its own in .govern/key)."
        )
