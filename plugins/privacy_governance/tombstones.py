"""Resolved requests that no hold keeps become tombstones: an identifier's token, and the time its rows are doomed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from privacy_governance.warehouse import Connection

HOLD = """
update governance.deletion_requests as request
set state = case
    when exists (select 1 from intermediate.int_subjects__held as held where held.ledger_token = request.subject_token)
        then 'on hold'
    else 'verified'
end
where request.state in ('verified', 'on hold')
"""

TOMBSTONE = """
with tombstoned as (
    update governance.deletion_requests set state = 'tombstoned' where state = 'verified'
    returning request_id, subject_token, received_at
)
insert into governance.tombstones (identifier_token, identifier_kind, subject_token, request_id, tombstoned_on)
select distinct on (subject_token) subject_token, 'user_id', subject_token, request_id, %(night)s::date
from tombstoned
order by subject_token, received_at, request_id
on conflict (identifier_token) do nothing
"""


@dataclass(frozen=True)
class Placed:
    """Counts of the tombstones: requests on hold, tombstones new tonight, tombstones in all."""

    on_hold: int
    new: int
    tombstones: int


def place(connection: Connection, *, night: str) -> Placed:
    """Hold back the requests of held subjects, tombstone the others; running it again changes nothing."""
    connection.execute(HOLD)
    new = connection.execute(TOMBSTONE, {"night": night}).rowcount
    on_hold, tombstones = connection.execute(
        """
        select
            (select count(*) from governance.deletion_requests where state = 'on hold'),
            (select count(*) from governance.tombstones)
        """
    ).fetchone() or (0, 0)
    return Placed(on_hold, new, tombstones)
