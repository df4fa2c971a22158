"""Legal holds: who has to be kept for now, why, until when. A hold that ends lets the deletion go on."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from privacy_governance.errors import RequestError
from privacy_governance.requests.deciding import name, sentence

if TYPE_CHECKING:
    from datetime import date

    from privacy_governance.warehouse import Connection

CREATE = """
create table if not exists raw.legal_holds (
    hold_id text,
    user_id text,
    reason text,
    placed_by text,
    starts_on date,
    ends_on date
)
"""


@dataclass(frozen=True)
class Hold:
    """A hold without whom it is about: its id, ground, who placed it, its first and last day (None: open)."""

    hold_id: str
    reason: str | None
    placed_by: str | None
    starts_on: date | None
    ends_on: date | None

    def is_active(self, on: date) -> bool:
        """Whether the night of `on` keeps the data."""
        return self.starts_on is not None and self.starts_on <= on and (self.ends_on is None or self.ends_on >= on)


def add(connection: Connection, user_id: str, *, reason: str, by: str, until: date | None, on: date) -> Hold:
    """Keep a user's data from `on` until `until` (None: until released), whatever is asked or expires meanwhile.

    Raises:
        RequestError: no user, no ground, nobody who places it, or a last day that is over.

    """
    user_id = user_id.strip()
    if not user_id:
        raise RequestError("--user-id is empty: name whose data has to be kept.")
    if until is not None and until < on:
        raise RequestError(f"--until {until} is over: a hold has to reach {on} or later.")
    hold = Hold(f"hold-{secrets.token_hex(6)}", sentence(reason), name(by), on, until)
    _prepare(connection)
    connection.execute(
        "insert into raw.legal_holds (hold_id, user_id, reason, placed_by, starts_on, ends_on)"
        " values (%s, %s, %s, %s, %s, %s)",
        [hold.hold_id, user_id, hold.reason, hold.placed_by, hold.starts_on, hold.ends_on],
    )
    return hold


def is_known(connection: Connection, user_id: str) -> bool:
    """Return whether a night has read a row of this user: a hold of nobody keeps nothing."""
    if connection.execute("select to_regclass('intermediate.int_identifiers__tokenized')").fetchone() == (None,):
        return False
    found = connection.execute(
        "select 1 from intermediate.int_identifiers__tokenized where identifier_kind = 'user_id' and identifier = %s",
        [user_id.strip()],
    )
    return found.fetchone() is not None


def release(connection: Connection, hold_id: str, *, on: date) -> Hold:
    """Let a hold's last day be `on`, so that the next day's night deletes what was asked; again changes nothing.

    Raises:
        RequestError: there is no such hold.

    """
    _prepare(connection)
    connection.execute(
        "update raw.legal_holds set ends_on = %(on)s"
        " where hold_id = %(hold)s and (ends_on is null or ends_on > %(on)s)",
        {"on": on, "hold": hold_id},
    )
    found = next((hold for hold in every(connection) if hold.hold_id == hold_id), None)
    if found is None:
        raise RequestError(f"there is no hold {hold_id!r}. `govern hold list` shows those there are.")
    return found


def every(connection: Connection) -> tuple[Hold, ...]:
    """Return all holds, those that began first, first."""
    _prepare(connection)
    rows = connection.execute(
        "select hold_id, reason, placed_by, starts_on, ends_on from raw.legal_holds order by starts_on, hold_id"
    )
    return tuple(Hold(*row) for row in rows)


def _prepare(connection: Connection) -> None:
    connection.execute("set local client_min_messages = warning")  # "already exists, skipping" is no news
    connection.execute("create schema if not exists raw")
    connection.execute(CREATE)
