"""A desk at a bare warehouse: what was seen is entered by hand, and rolled back after each test."""

from __future__ import annotations

import pytest

from lib.databases import fresh_database
from lib.identities import KEYS, Desk
from privacy_governance.warehouse.bootstrap import bootstrap


@pytest.fixture(scope="module")
def identity_warehouse(server_url):
    with fresh_database(server_url) as warehouse:
        bootstrap(warehouse, fingerprints=KEYS.fingerprints())
        with warehouse.connect("stand in for the view of holds") as connection:
            connection.execute(
                "create table intermediate.int_legal_holds__active"
                " (hold_id text, identifier_kind text, identifier text)"
            )
        yield warehouse


@pytest.fixture
def desk(identity_warehouse):
    """An empty desk; what a test enters is rolled back."""
    with identity_warehouse.connect("ask") as connection:
        yield Desk(connection)
        connection.rollback()
