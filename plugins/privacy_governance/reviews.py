"""What a person has to decide before the job goes on: opened by a step, decided once, kept for the auditor."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from privacy_governance.errors import RequestError
from privacy_governance.requests.deciding import sentence
from privacy_governance.settings import settings
from privacy_governance.warehouse import open_warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from privacy_governance.warehouse import Connection

Kind = Literal["identity", "purge plan"]
Decision = Literal["approved", "rejected"]

DECIDED = """
update governance.reviews
set decision = %(decision)s, decided_by = %(by)s, decided_at = now(), reason = %(reason)s
where review_id = %(review)s and decision is null
"""


@dataclass(frozen=True)
class Review:
    """A question to a person: `about` is a request's id or a plan's digest; `finding` holds no personal value."""

    review_id: int
    kind: Kind
    about: str
    finding: str
    opened_on: date
    decision: Decision | None = None
    decided_by: str | None = None
    reason: str | None = None


def open_review(connection: Connection, kind: Kind, about: str, finding: str, night: str) -> bool:
    """Ask for a decision, once for each `about`; return whether the question is new."""
    return (
        connection.execute(
            "insert into governance.reviews (kind, about, finding, opened_on) values (%s, %s, %s, %s)"
            " on conflict (kind, about) do nothing",
            [kind, about, finding, night],
        ).rowcount
        == 1
    )


def decision(connection: Connection, kind: Kind, about: str) -> Decision | None:
    """Return what was decided about `about`; None while nobody has, or nobody was asked."""
    row = connection.execute(
        "select decision from governance.reviews where kind = %s and about = %s", [kind, about]
    ).fetchone()
    return row[0] if row else None


def pending(connection: Connection) -> tuple[Review, ...]:
    """Return the reviews that wait for a person, oldest first."""
    return tuple(each for each in every(connection) if each.decision is None)


def every(connection: Connection) -> tuple[Review, ...]:
    """Return all reviews, oldest first."""
    rows = connection.execute(
        "select review_id, kind, about, finding, opened_on, decision, decided_by, reason"
        " from governance.reviews order by review_id"
    )
    return tuple(Review(*row) for row in rows)


def decide(connection: Connection, review_id: int, made: Decision, *, by: str, reason: str | None = None) -> Review:
    """Record who decided a pending review, how, and why; the same decision again changes nothing.

    Raises:
        RequestError: nobody is named, the reason could name somebody, there is no such review, or it was decided
            otherwise before.

    """
    reason = sentence(reason) if reason else None
    if not by.strip():
        raise RequestError(f"review {review_id}: a decision needs the person who made it. Name them with --by.")
    connection.execute(DECIDED, {"decision": made, "by": by.strip(), "reason": reason, "review": review_id})
    found = next((each for each in every(connection) if each.review_id == review_id), None)
    if found is None:
        raise RequestError(f"there is no review {review_id}: `govern review list` shows those that wait.")
    if found.decision != made:
        raise RequestError(
            f"review {review_id} was {found.decision} by {found.decided_by} before. A decision stands: the night acted "
            "on it, or will."
        )
    return found


def waiting() -> tuple[Review, ...]:
    """Return the pending reviews of the warehouse that the settings name."""
    with _open("look for reviews") as connection:
        return pending(connection)


def record(review_id: int, made: Decision, *, by: str, reason: str | None = None) -> Review:
    """Record a decision, like `decide`, in the warehouse that the settings name.

    Raises:
        RequestError: as of `decide`.

    """
    with _open("record a decision") as connection:
        return decide(connection, review_id, made, by=by, reason=reason)


@contextmanager
def _open(doing: str) -> Iterator[Connection]:
    with open_warehouse(settings()) as warehouse, warehouse.connect(doing) as connection:
        yield connection
