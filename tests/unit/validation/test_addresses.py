"""A warehouse's address reaches Great Expectations' driver unharmed, whatever it is made of."""

from __future__ import annotations

import pytest
from sqlalchemy import make_url
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2

from privacy_governance.validation.suites import sqlalchemy_url


def arguments(url):
    """What psycopg2 is called with for a libpq address."""
    _, connect = PGDialect_psycopg2().create_connect_args(make_url(sqlalchemy_url(url)))
    return connect


def test_a_socket_folder_stays_a_host():
    connect = arguments("postgresql://postgres:@/postgres?host=/socket/folder")
    assert connect["host"] == "/socket/folder"
    assert (connect["user"], connect["dbname"]) == ("postgres", "postgres")


@pytest.mark.parametrize("password", ["plain", "p@ss/w:rd", "$HOME and ${HOME}", "50%25", "ünïcode"])
def test_a_password_survives(password):
    quoted = password.replace("\\", "\\\\").replace("'", "\\'")
    connect = arguments(f"host=db.example port=6432 user=governor dbname=shop password='{quoted}'")
    assert connect["password"] == password
    assert (connect["host"], int(connect["port"]), connect["dbname"]) == ("db.example", 6432, "shop")


def test_great_expectations_finds_nothing_to_substitute_in_an_address():
    assert "$" not in sqlalchemy_url("host=h user=u dbname=d password='a$b${c}'")


def test_encryption_asked_for_is_kept():
    assert arguments("postgresql://u@h/d?sslmode=verify-full")["sslmode"] == "verify-full"


def test_sessions_can_not_write():
    assert "default_transaction_read_only=on" in arguments("postgresql://u@h/d")["options"]


def test_options_of_the_address_are_kept():
    options = arguments("postgresql://u@h/d?options=-c%20search_path%3Dx")["options"]
    assert options.startswith("-c search_path=x ")
