"""What people decide about a request: confirmed, verified, extended, refused, excepted, answered; once each."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from psycopg import sql

from privacy_governance.errors import RequestError
from privacy_governance.requests.due_dates import EXTENSION_DAYS
from privacy_governance.requests.ledger import Request, find
from privacy_governance.requests.vocabulary import EXCEPTIONS, LONGEST_REFERENCE, REFERENCE_FORM

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from privacy_governance.warehouse import Connection

# a tombstone is a promise: after it nobody may refuse, nor keep anything back once it is carried out
UNDECIDED: Final = ("received", "verified", "in review", "on hold")
ANSWERABLE: Final = ("on hold", "carried out", "refused", "routed")
LONGEST_REASON: Final = 500
# an address or a number in a reason would stay in the ledger for good
# (nine digits: a section of a statute and a date have fewer)
PERSONAL: Final = re.compile(r"@|\d(?:[\s().-]*\d){8}")
# whose data a request means is no question any more once the request is refused
CLOSE_REVIEW: Final = """
update governance.reviews
set decision = 'rejected', decided_by = 'refusal of the request', decided_at = now(), reason = %(reason)s
where kind = 'identity' and about = %(request)s and decision is null
"""


def sentence(reason: str, option: str = "--reason") -> str:
    """Return a reason fit for the ledger, which holds nothing personal.

    Raises:
        RequestError: empty, too long, or with an address or a number in it.

    """
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise RequestError(f"{option} has to say why, in at most {LONGEST_REASON} characters.")
    if PERSONAL.search(reason):
        raise RequestError(f"{option} seems to hold an address or a long number. Give the ground, not the person.")
    return reason


def name(by: str, option: str = "--by") -> str:
    """Return a team, role or reference fit for the ledger.

    Raises:
        RequestError: empty, or with characters of an address.

    """
    by = by.strip()
    if len(by) > LONGEST_REFERENCE or not re.search(REFERENCE_FORM, by):
        raise RequestError(f"{option} has to be a short name of a team, a role or a file, without special characters.")
    return by


def confirm(connection: Connection, request_id: str, *, on: date) -> Request:
    """Record that the requester was told that the request arrived (11 CCR 7021(a)); a second time changes nothing."""
    request = find(connection, request_id)
    if request.confirmed_on is None:
        _set(connection, request_id, confirmed_on=on)
    return find(connection, request_id)


def verify(
    connection: Connection, request_id: str, *, by: str, method: str, agent_proof: str | None, at: datetime
) -> Request:
    """Record that the requester is who they say (11 CCR 7060 ff.), and where an agent's proof is filed.

    Raises:
        RequestError: not in state received, or an agent's request without proof.

    """
    request = _in_state(connection, request_id, ("received",), "verify")
    by, method = name(by), name(method, "--method")
    proof = name(agent_proof, "--agent-proof") if agent_proof else request.agent_proof
    if request.channel == "agent" and proof is None:
        raise RequestError(
            f"request {request_id} came through an agent: name where the proof of authority is filed, --agent-proof."
        )
    changes = {"verified_at": at, "verified_by": by, "verification_method": method, "agent_proof": proof}
    _set(connection, request_id, state="verified", **changes)
    return find(connection, request_id)


def extend(connection: Connection, request_id: str, *, reason: str, on: date) -> Request:
    """Move the answer's date by 45 days, once; the requester has to be told why (1798.130(a)(2)(A)).

    Raises:
        RequestError: answered, extended before, or the first 45 days are over.

    """
    request = find(connection, request_id)
    if request.answered_on is not None:
        raise RequestError(f"request {request_id} was answered on {request.answered_on}: there is nothing to extend.")
    if request.extended_on is not None:
        raise RequestError(
            f"request {request_id} was extended on {request.extended_on}; there is one extension, 90 days in all. "
            f"Answer it by {request.due_on}."
        )
    if on > request.due_on:
        raise RequestError(
            f"request {request_id} was due on {request.due_on}: an extension needs notice within the first 45 days. "
            "Answer it now."
        )
    due_on = request.due_on + timedelta(days=EXTENSION_DAYS)
    _set(connection, request_id, extended_on=on, extension_reason=sentence(reason), due_on=due_on)
    return find(connection, request_id)


def refuse(connection: Connection, request_id: str, *, reason: str, on: date) -> Request:
    """Refuse a request; the requester reads the reason (11 CCR 7022(f)). A review that waits is closed with it.

    Raises:
        RequestError: it is decided already, or tombstones stand that a hold keeps waiting.

    """
    request = _in_state(connection, request_id, UNDECIDED, "refuse")
    if request.decided_on is not None:
        raise RequestError(
            f"can't refuse request {request_id}: it was tombstoned on {request.decided_on}, and some of its rows may "
            "be gone. A hold keeps the others until it ends."
        )
    reason = sentence(reason)
    _set(connection, request_id, state="refused", refusal=reason, decided_on=on)
    connection.execute(CLOSE_REVIEW, {"request": request_id, "reason": reason})
    return find(connection, request_id)


def except_columns(
    connection: Connection,
    request_id: str,
    *,
    relation: str,
    columns: Sequence[str],
    exception: str,
    reason: str,
    by: str,
    on: date,
    until: date | None = None,
    owners: Sequence[str] = (),
) -> int:
    """Leave columns of a relation in place for one purpose of Civ. Code 1798.105(d); return how many are new.

    `until` is the last day on which it holds: the next night deletes the rows (None: they stay for their period).
    `owners` are the columns that tell whose a row is; rows that lose all of them are never found again.

    Raises:
        RequestError: carried out already, no such exception, relation or column, a column is excepted otherwise, or it
            has an end that is over, or that nobody could find the rows at.

    """
    _in_state(connection, request_id, (*UNDECIDED, "tombstoned"), "except columns from")
    if exception not in EXCEPTIONS:
        raise RequestError(f"there is no exception {exception!r}. 1798.105(d) has: {', '.join(EXCEPTIONS)}.")
    known = {
        column
        for (column,) in connection.execute(
            "select column_name from governance.column_tags where relation = %s", [relation]
        )
    }
    if not known:
        raise RequestError(f"no night has tagged a relation {relation}. `govern tags list` shows those there are.")
    if unknown := sorted(set(columns) - known):
        raise RequestError(f"{relation} has no column {', '.join(unknown)}. It has: {', '.join(sorted(known))}.")
    if until is not None:
        _require_an_end(connection, request_id, relation=relation, columns=columns, on=on, until=until, owners=owners)
    parameters = {
        "request": request_id, "relation": relation, "columns": sorted(set(columns)), "exception": exception,
        "reason": sentence(reason), "by": name(by), "on": on, "until": until,
    }  # fmt: skip
    new = connection.execute(
        """
        insert into governance.request_exceptions (
            request_id, relation, column_name, exception, reason, decided_by, decided_on, expires_on
        )
        select
            %(request)s, %(relation)s, unnest(%(columns)s::text[]), %(exception)s, %(reason)s, %(by)s, %(on)s,
            %(until)s
        on conflict do nothing
        """,
        parameters,
    ).rowcount
    others = connection.execute(
        """
        select column_name from governance.request_exceptions
        where
            request_id = %(request)s and relation = %(relation)s and column_name = any(%(columns)s)
            and (
                exception <> %(exception)s or reason <> %(reason)s or expires_on is distinct from %(until)s::date
            )
        order by 1
        """,
        parameters,
    ).fetchall()
    if others:
        columns_ = ", ".join(column for (column,) in others)
        raise RequestError(
            f"{relation}: {columns_} is excepted from request {request_id} already, for another reason or time."
        )
    return new


def _require_an_end(
    connection: Connection,
    request_id: str,
    *,
    relation: str,
    columns: Sequence[str],
    on: date,
    until: date,
    owners: Sequence[str],
) -> None:
    if until < on:
        raise RequestError(f"--until {until} is over on {on}. Give the last day on which the exception holds.")
    kept = connection.execute(
        "select column_name from governance.request_exceptions"
        " where request_id = %s and relation = %s and expires_on >= %s",
        [request_id, relation, until],
    )
    if not {*columns, *(column for (column,) in kept)} & {*owners}:
        told = (
            f"Add --column {owners[0]}" if owners else f"{relation} has no such column: except the rows without an end"
        )
        raise RequestError(
            f"an exception from {relation} with an end has to keep a column that tells whose the row is, or nobody"
            f" could find the row when it ends. {told}."
        )


def answerable(request: Request) -> Request:
    """Return the request when it can be answered.

    Raises:
        RequestError: nothing is decided yet.

    """
    if request.state not in ANSWERABLE:
        raise RequestError(
            f"request {request.request_id} is {request.state}: there is nothing to answer yet. It can be answered once "
            f"it is {', '.join(ANSWERABLE[:-1])} or {ANSWERABLE[-1]}."
        )
    return request


def record_answer(connection: Connection, request: Request, *, on: date) -> None:
    """Record that the summary was sent; the first date stays."""
    if answerable(request).answered_on is None:
        _set(connection, request.request_id, answered_on=on)


def _in_state(connection: Connection, request_id: str, states: Sequence[str], doing: str) -> Request:
    request = find(connection, request_id)
    if request.state not in states:
        raise RequestError(
            f"can't {doing} request {request_id}: it is {request.state}, and would have to be {', '.join(states)}."
        )
    return request


def _set(connection: Connection, request_id: str, **changes: object) -> None:
    assignments = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.Placeholder(column)) for column in changes
    )
    connection.execute(
        sql.SQL("update governance.deletion_requests set {} where request_id = %(request_id)s").format(assignments),
        {**changes, "request_id": request_id},
    )
