"""Databases that live as long as a test or a group of tests."""

from __future__ import annotations

import uuid
from contextlib import contextmanager

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from privacy_governance.warehouse import Warehouse


@contextmanager
def fresh_database(server_url, *, template="template1", name=None):
    """Yield an empty database, or a copy of `template`, and drop it at the end."""
    name = name or f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"create database {name} template {template}")
    try:
        yield Warehouse(make_conninfo(server_url, dbname=name))
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f"drop database {name} with (force)")


def copy_of(server_url, warehouse, *, name=None):
    """Yield a database with the same contents, and drop it at the end."""
    return fresh_database(server_url, template=conninfo_to_dict(warehouse.url)["dbname"], name=name)
