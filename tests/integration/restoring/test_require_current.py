"""A night refuses a warehouse that is behind the ledger's copy, and nothing else."""

from __future__ import annotations

import pytest

from lib.databases import copy_of
from privacy_governance import ledger
from privacy_governance.errors import WarehouseError
from privacy_governance.ledger import require_current
from privacy_governance.ledger.folder import copy_files, ledger_folder
from privacy_governance.ledger.latest import bring_back, load_latest
from privacy_governance.ledger.rows import SESSION
from privacy_governance.settings import Settings
from privacy_governance.warehouse.bootstrap import bootstrap

REQUEST = """
insert into governance.deletion_requests (
    request_id, regulation_type, received_at, confirm_by, due_on, state, given_tokens
) values (%(id)s, 'DELETE_ONLY', '2026-02-01 00:00:00.000001+00', '2026-02-16', '2026-03-18', 'received', '{}')
"""
TOMBSTONE = """
insert into governance.tombstones (
    identifier_token, identifier_kind, subject_token, request_id, tombstoned_on, doomed_until
) values (repeat('ab', 32), 'email', repeat('cd', 32), 'late', '2026-03-01', '2026-02-01 00:00:00.123457+00')
"""
EXCEPTION = """
insert into governance.request_exceptions values
    ('late', 'raw.payments', 'amount', 'legal_obligation', 'Tax records: "seven" years', 'the desk', '2026-02-03')
"""
RECEIPT = """
insert into governance.purge_receipts (night, relation, reason, redacted_columns, purged_rows)
values ('2026-03-01', 'raw.tracks', 'retention', array['a', 'b\\c'], 3)
"""
ROWS = "select entry::text from governance.{} as entry"
TABLES = ("deletion_requests", "request_exceptions", "tombstones", "purge_receipts")


def execute(warehouse, *statements, **parameters):
    with warehouse.connect("change") as connection:
        for statement in statements:
            connection.execute(statement, parameters or None)


def contents(warehouse):
    with warehouse.connect("look", session=SESSION) as connection:
        return {name: sorted(connection.execute(ROWS.format(name))) for name in TABLES}


@pytest.fixture
def state(tmp_path):
    return Settings(state_dir=tmp_path)


@pytest.fixture
def later(warehouse, server_url, state):
    """A warehouse, and a backup of it from before the last thing that its ledger gained."""
    bootstrap(warehouse, fingerprints={})
    execute(warehouse, REQUEST, id="early")
    execute(warehouse, RECEIPT)
    ledger.copy(warehouse, state)
    with copy_of(server_url, warehouse) as backup:
        execute(warehouse, REQUEST, id="late")
        execute(warehouse, TOMBSTONE, EXCEPTION, RECEIPT)
        execute(warehouse, "update governance.deletion_requests set state = 'verified' where request_id = 'early'")
        ledger.copy(warehouse, state)
        yield warehouse, backup


def test_a_warehouse_that_nothing_was_done_to_is_current(later, state):
    require_current(later[0], state)


def test_an_empty_warehouse_without_a_copy_is_current(warehouse, state):
    require_current(warehouse, state)


def test_a_restored_backup_is_refused_with_the_command_that_mends_it(later, state):
    with pytest.raises(WarehouseError, match=r"restored from a backup.*govern restore-check"):
        require_current(later[1], state)
    with pytest.raises(WarehouseError, match="restored from a backup"):
        ledger.copy(later[1], state)


def test_a_backup_from_before_the_ledger_is_refused(warehouse, later, state, server_url):
    execute(warehouse, "drop schema governance cascade")
    with pytest.raises(WarehouseError, match="the warehouse has none"):
        require_current(warehouse, state)


def test_an_open_restore_check_is_refused(later, state):
    execute(later[0], "insert into governance.restore_checks default values")
    with pytest.raises(WarehouseError, match="did not come to its end"):
        require_current(later[0], state)


def test_what_a_backup_lacks_is_brought_back_to_the_last_digit_and_only_once(later, state):
    warehouse, backup = later
    for expected in (5, 0):
        with backup.connect("bring back", session=SESSION) as connection:
            load_latest(connection, copy_files(ledger_folder(state)), receipts=True)
            assert bring_back(connection) == expected
    assert contents(backup) == contents(warehouse)


def test_other_receipts_under_the_same_numbers_are_not_mixed(later, state):
    execute(later[1], RECEIPT)
    with later[1].connect("bring back", session=SESSION) as connection:
        load_latest(connection, copy_files(ledger_folder(state)), receipts=True)
        with pytest.raises(WarehouseError, match="receipt 2 is another one"):
            bring_back(connection)
