"""The desk's tables: those of a former version get the columns that this one reads, or somebody is told who can."""

from __future__ import annotations

import pytest

from privacy_governance.errors import WarehouseError
from privacy_governance.requests import complete_tables
from privacy_governance.requests.vocabulary import HOLD_COLUMNS


@pytest.fixture
def connection(warehouse):
    with warehouse.connect("a desk's tables") as connection:
        connection.execute("create schema raw")
        yield connection
        connection.rollback()


def columns(connection):
    found = connection.execute(
        "select attname from pg_attribute where attrelid = 'raw.legal_holds'::regclass and attnum > 0"
    )
    return [name for (name,) in found]


def test_a_table_of_a_former_version_gets_the_columns_that_it_lacks(connection):
    connection.execute("create table raw.legal_holds (hold_id text, user_id text, starts_on date, their_own text)")
    complete_tables(connection)
    assert set(columns(connection)) == {*HOLD_COLUMNS, "their_own"}


def test_a_table_that_is_not_there_is_not_made(connection):
    complete_tables(connection)
    assert connection.execute("select to_regclass('raw.legal_holds')").fetchone() == (None,)


def test_a_complete_table_needs_no_right_to_change_it(connection):
    typed = ", ".join(f"{name} {kind}" for name, kind in HOLD_COLUMNS.items())
    connection.execute(f"create table raw.legal_holds ({typed})")
    connection.execute("create role a_stranger")
    connection.execute("grant usage on schema raw to a_stranger")
    connection.execute("set local role a_stranger")
    complete_tables(connection)


def test_whose_table_it_is_is_told_what_to_add(connection):
    connection.execute("create table raw.legal_holds (hold_id text)")
    connection.execute("create role a_stranger")
    connection.execute("grant usage on schema raw to a_stranger")
    connection.execute("set local role a_stranger")
    with pytest.raises(WarehouseError, match=r'alter table "raw"\."legal_holds" add column "user_id" text, add column'):
        complete_tables(connection)


def test_a_view_is_not_altered(connection):
    connection.execute("create view raw.legal_holds as select 'h' as hold_id")
    with pytest.raises(WarehouseError, match="is a view or another role's"):
        complete_tables(connection)


def test_a_table_that_is_locked_is_told_and_not_waited_for(connection, warehouse):
    connection.execute("create table raw.legal_holds (hold_id text)")
    connection.commit()
    with warehouse.connect("load for long") as loader:
        loader.execute("lock table raw.legal_holds in row exclusive mode")
        with pytest.raises(WarehouseError, match=r"raw\.legal_holds .* is locked by another session"):
            complete_tables(connection)
        loader.rollback()
    connection.execute("drop schema raw cascade")
    connection.commit()
