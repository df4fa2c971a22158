"""Connections to PostgreSQL whose errors never repeat a value from a row."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from privacy_governance.errors import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MINIMUM_VERSION = 150000
CONNECT_TIMEOUT_SECONDS = 10
# a table, and a schema
NOT_THERE = ("42P01", "3F000")

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class Warehouse:
    """A PostgreSQL database that answers, is recent enough and may be written to."""

    url: str

    @contextmanager
    def connect(
        self, doing: str, *, autocommit: bool = False, session: Mapping[str, str] | None = None
    ) -> Iterator[Connection]:
        """Open a connection, commit at the end, roll back on any error.

        Args:
            doing: what the caller is about to do, for the error message ("load raw.orders").
            autocommit: each statement its own transaction (VACUUM and the like).
            session: settings such as `governance.night`, visible to this session only and never in SQL text.

        Raises:
            WarehouseError: connection refused, or a statement failed; names the state, never a row's value.

        """
        try:
            with psycopg.connect(
                self.url,
                autocommit=autocommit,
                connect_timeout=CONNECT_TIMEOUT_SECONDS,
                options=session_options(session or {}),
                application_name="privacy_governance",
            ) as connection:
                yield connection
        except psycopg.Error as error:
            raise WarehouseError(f"{doing}: {describe(error)}") from None

    def dbt_environment(self) -> dict[str, str]:
        """Environment variables that `dbt_project/profiles.yml` reads; the password under dbt's secret prefix."""
        parts = {key: str(value) for key, value in conninfo_to_dict(self.url).items() if value is not None}
        return {
            "GOVERN_DB_HOST": parts.get("host", "localhost"),
            "GOVERN_DB_PORT": parts.get("port", "5432"),
            "GOVERN_DB_USER": parts.get("user", "postgres"),
            "DBT_ENV_SECRET_GOVERN_DB_PASSWORD": parts.get("password", ""),
            "GOVERN_DB_NAME": parts.get("dbname", parts.get("user", "postgres")),
            "GOVERN_DB_SSLMODE": parts.get("sslmode", "prefer"),
        }


def session_options(session: Mapping[str, str]) -> str:
    r"""Return libpq `options` that set each name for one session, escaped as libpq asks (`\ ` for a blank).

    A policy that would hide rows fails a statement: a purge of those that it shows would pass for one of all.
    """
    options = {"row_security": "off"} | dict(session)
    settings = (f"{name}={value}".replace("\\", "\\\\").replace(" ", "\\ ") for name, value in options.items())
    return " ".join(f"-c {setting}" for setting in settings)


def describe(error: psycopg.Error) -> str:
    """Return a one-line account of a database error without its message text, which may quote a row's value."""
    if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        return f"can't reach PostgreSQL ({' '.join(str(error).split())}). Is WAREHOUSE_URL right, and the server up?"
    diagnostic = error.diag
    place = ".".join(part for part in (diagnostic.schema_name, diagnostic.table_name, diagnostic.column_name) if part)
    message = diagnostic.message_primary or ""
    if error.sqlstate in NOT_THERE and '"governance' in message:
        return f"{message}: a night makes it. Run govern nightly (or govern demo), then this again."
    if (error.sqlstate or "").startswith("42"):  # undefined table, no privilege, …: names objects, never values
        return f"PostgreSQL refused: {diagnostic.message_primary} [{error.sqlstate}]"
    constraint = f", constraint {diagnostic.constraint_name}" if diagnostic.constraint_name else ""
    where = f" at {place}{constraint}" if place or constraint else ""
    return f"PostgreSQL refused: {type(error).__name__} [{error.sqlstate}]{where}"
