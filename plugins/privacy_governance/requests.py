"""Deletion requests become ledger entries; all in SQL, by keyed token only.

Clocks: 1798.130(a)(2)(A) and 11 CCR 7021: receipt confirmed in 10 business days, answered in 45 calendar days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from privacy_governance.warehouse import Connection

# Segment's regulation types that ask for deletion; others are refused by name
DELETING = ("SUPPRESS_WITH_DELETE", "DELETE_ONLY")

TAKE_IN = """
insert into governance.deletion_requests (
    request_id, regulation_type, subject_token, received_at, verified_at, confirm_by, due_on, state, refusal
)
select
    request_id,
    regulation_type,
    ledger_token,
    received_at,
    verified_at,
    -- ten business days, weekends left out: two weeks from a weekday, less from a weekend
    received_at::date + case extract(isodow from received_at::date) when 6 then 13 when 7 then 12 else 14 end,
    received_at::date + 45,
    case when refusal is null then 'received' else 'refused' end,
    refusal
from (
    select
        *,
        case
            when regulation_type is null or regulation_type <> all(%(deleting)s)
                then 'unknown regulation type: send one of ' || array_to_string(%(deleting)s, ', ')
            when ledger_token is null then 'no identifier of a subject: send a user_id'
        end as refusal
    from intermediate.int_privacy_requests__tokenized
    where request_id is not null and received_at is not null
) as incoming
on conflict (request_id) do nothing
"""

VERIFY = """
update governance.deletion_requests as request
set state = 'verified', verified_at = incoming.verified_at
from intermediate.int_privacy_requests__tokenized as incoming
where incoming.request_id = request.request_id
    and incoming.verified_at is not null
    and request.state = 'received'
"""

CARRY_OUT = """
update governance.deletion_requests as request
set state = 'carried out', carried_out_on = %(night)s
where request.state = 'tombstoned'
    and not exists (
        select 1 from intermediate.int_subjects__tokenized as alive
        where alive.ledger_token = request.subject_token
    )
"""


@dataclass(frozen=True)
class TakenIn:
    """Counts of the requests taken in: new tonight, and refused so far."""

    received: int
    refused: int


def take_in(connection: Connection) -> TakenIn:
    """Enter new requests with their clocks and verify those that were verified; running it again changes nothing.

    Needs the session settings of the night (keys), because the tokenized views compute tokens as they are read.
    """
    received = connection.execute(TAKE_IN, {"deleting": list(DELETING)}).rowcount
    connection.execute(VERIFY)
    (refused,) = connection.execute(
        "select count(*) from governance.deletion_requests where state = 'refused'"
    ).fetchone() or (0,)
    return TakenIn(received, refused)


def carry_out(connection: Connection, *, night: str) -> int:
    """Mark the requests whose subject is no longer in the warehouse as carried out; return how many."""
    return connection.execute(CARRY_OUT, {"night": night}).rowcount
