"""Requests as the ledger has them: one by its id, or those that wait for something."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from psycopg import sql

from privacy_governance.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from privacy_governance.warehouse import Connection


@dataclass(frozen=True)
class Request:
    """A request's course; clocks as dates in California, moments in UTC."""

    request_id: str
    regulation_type: str
    state: str
    channel: str | None
    residency: str | None
    received_at: datetime
    confirm_by: date
    confirmed_on: date | None
    verified_at: datetime | None
    verified_by: str | None
    verification_method: str | None
    agent_proof: str | None
    due_on: date
    extended_on: date | None
    extension_reason: str | None
    refusal: str | None
    decided_on: date | None
    carried_out_on: date | None
    answered_on: date | None

    def due(self, on: date) -> tuple[str, date, int] | None:
        """Return what is due next, when, and in how many days from `on` (negative: overdue); None once answered."""
        if self.answered_on is not None:
            return None
        what, when = "answer", self.due_on
        if self.confirmed_on is None and self.confirm_by < when:
            what, when = "confirm", self.confirm_by
        return what, when, (when - on).days


COLUMNS = sql.SQL(", ").join(sql.Identifier(field.name) for field in fields(Request))
FIND = sql.SQL("select {} from governance.deletion_requests where request_id = %s for update").format(COLUMNS)
LIST = sql.SQL(
    """
    select {}
    from governance.deletion_requests
    where
        (%(states)s::text[] is null or state = any(%(states)s))
        and (
            %(until)s::date is null
            or answered_on is null
            and (due_on <= %(until)s or confirmed_on is null and confirm_by <= %(until)s)
        )
    order by
        answered_on is not null,
        case when confirmed_on is null then least(confirm_by, due_on) else due_on end,
        request_id
    limit %(most)s
    """
).format(COLUMNS)


def find(connection: Connection, request_id: str) -> Request:
    """Return a request, locked until the transaction ends.

    Raises:
        RequestError: the ledger has none of this id.

    """
    row = connection.execute(FIND, [request_id]).fetchone()
    if row is None:
        raise RequestError(
            f"the ledger has no request {request_id!r}. `govern request list` shows those it has; "
            "one that was submitted today enters it with the next night."
        )
    return Request(*row)


def listed(
    connection: Connection, *, states: Sequence[str] = (), until: date | None = None, most: int | None = None
) -> tuple[Request, ...]:
    """Return requests, those due soonest first: of these states, with something due by `until`, at most `most`."""
    rows = connection.execute(LIST, {"states": list(states) or None, "until": until, "most": most})
    return tuple(Request(*row) for row in rows)


def waiting(connection: Connection) -> int:
    """Count the rows of `raw.privacy_requests` that the ledger doesn't have yet; 0 where there is no such table."""
    if connection.execute("select to_regclass('raw.privacy_requests')").fetchone() == (None,):
        return 0
    (count,) = connection.execute(
        """
        select count(*) from raw.privacy_requests as request
        where not exists (
            select 1 from governance.deletion_requests as known where known.request_id = request.request_id
        )
        """
    ).fetchone() or (0,)
    return int(count)


def course(connection: Connection, request_id: str) -> tuple[tuple[str, str], ...]:
    """Return what else is known of a request, as (subject, sentence): reviews, exceptions, identifiers, receipts."""
    rows = connection.execute(
        """
        select 'review', finding || coalesce(': ' || decision || ' by ' || decided_by, ': waits for a decision')
        from governance.reviews where kind = 'identity' and about = %(request)s
        union all
        select
            'found', count(*) || ' ' || identifier_kind || case when is_shared then ', shared with others' else '' end
        from governance.request_identifiers where request_id = %(request)s
        group by identifier_kind, is_shared
        union all
        select
            'excepted',
            relation || ' (' || string_agg(column_name, ', ' order by column_name) || '), ' || exception || ': '
            || reason || ', ' || coalesce('until ' || expires_on, 'without an end: as long as the row''s period')
        from governance.request_exceptions where request_id = %(request)s
        group by relation, exception, reason, expires_on
        union all
        select
            case when redacted_columns is null then 'deleted' else 'redacted' end,
            sum(purged_rows) || ' rows of ' || relation || ', ' || max(night)
        from governance.purge_receipts where request_id = %(request)s
        group by relation, redacted_columns is null
        """,
        {"request": request_id},
    )
    return tuple((str(what), str(sentence)) for what, sentence in rows)
