"""Logins of a test's own: `set role` keeps a superuser's session, and some rights are of the session."""

from __future__ import annotations

import uuid
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

PASSWORD = "only these tests use it"  # noqa: S105 -- of a role that lives as long as a test


@contextmanager
def login(warehouse, *, member_of=(), attributes=""):
    """Yield the URL of a new role that logs in to `warehouse` and is a member of `member_of`; drop it at the end."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(warehouse.url, autocommit=True) as connection:
        connection.execute(f"create role {name} login {attributes} password {sql.Literal(PASSWORD).as_string()}")
        for role in member_of:
            connection.execute(f"grant {role} to {name}")
    try:
        yield make_conninfo(warehouse.url, user=name, password=PASSWORD)
    finally:
        with psycopg.connect(warehouse.url, autocommit=True) as connection:
            connection.execute(f"drop owned by {name} cascade")
            connection.execute(f"drop role {name}")
