"""Resolved requests that no hold keeps become tombstones: an identifier's token, and the time its rows are doomed.

| regulation type | rows doomed: clock in |
|---|---|
| SUPPRESS_WITH_DELETE | everything, whenever it comes |
| DELETE_ONLY | before the request was received |
| SUPPRESS_ONLY | since the request was received |
| UNSUPPRESS | ends what is doomed: nothing since it was received |

Where several requests name an identifier, its tombstone covers all of their times, and what lies between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from privacy_governance.warehouse import Connection

HOLD = """
update governance.deletion_requests as request
set state = case
    when exists (
        select 1
        from governance.request_identifiers as found
        inner join governance.held_identifiers as held on found.identifier_token = held.identifier_token
        where found.request_id = request.request_id and not found.is_shared
    ) then 'on hold'
    else 'verified'
end
where request.state in ('verified', 'on hold') and request.regulation_type <> 'UNSUPPRESS'
"""

# ends what was doomed before, for all identifiers of the subjects it names
WITHDRAW = """
with withdrawn as (
    select tombstone.subject_token, max(request.received_at) as received_at
    from governance.deletion_requests as request
    inner join governance.request_identifiers as found on request.request_id = found.request_id
    inner join governance.tombstones as tombstone on found.identifier_token = tombstone.identifier_token
    where request.state = 'verified' and request.regulation_type = 'UNSUPPRESS' and not found.is_shared
    group by tombstone.subject_token
)

update governance.tombstones as tombstone
-- the row of the request itself, too
set doomed_until = withdrawn.received_at + interval '1 microsecond'
from withdrawn
where
    withdrawn.subject_token = tombstone.subject_token
    and tombstone.doomed_until > withdrawn.received_at + interval '1 microsecond'
    and tombstone.doomed_from < withdrawn.received_at
    -- who asked again since then means that
    and exists (
        select 1 from governance.deletion_requests as request
        where request.request_id = tombstone.request_id and request.received_at < withdrawn.received_at
    )
"""

PLACE = """
with asked as (
    select
        found.identifier_token,
        found.identifier_kind,
        request.subject_token,
        request.request_id,
        request.received_at,
        case
            when request.regulation_type = 'SUPPRESS_ONLY' then request.received_at
            else '-infinity'
        end as doomed_from,
        case
            -- the row of the request itself, too
            when request.regulation_type = 'DELETE_ONLY' then request.received_at + interval '1 microsecond'
            else coalesce(
                (
                    -- a later withdrawal that was carried out before this one was verified
                    select min(withdrawal.received_at) + interval '1 microsecond'
                    from governance.deletion_requests as withdrawal
                    inner join governance.request_identifiers as named on withdrawal.request_id = named.request_id
                    where
                        withdrawal.regulation_type = 'UNSUPPRESS'
                        and withdrawal.state in ('verified', 'carried out')
                        and withdrawal.received_at > request.received_at
                        and named.identifier_token in (
                            select own.identifier_token from governance.request_identifiers as own
                            where own.request_id = request.request_id and not own.is_shared
                        )
                ),
                'infinity'
            )
        end as doomed_until
    from governance.deletion_requests as request
    inner join governance.request_identifiers as found on request.request_id = found.request_id
    where
        request.state = 'verified'
        and request.regulation_type in ('SUPPRESS_WITH_DELETE', 'DELETE_ONLY', 'SUPPRESS_ONLY')
        and request.subject_token is not null
        and not found.is_shared
),

newest as (
    select distinct on (identifier_token)
        identifier_token,
        identifier_kind,
        subject_token,
        request_id,
        min(doomed_from) over every_one as doomed_from,
        max(doomed_until) over every_one as doomed_until
    from asked
    window every_one as (partition by identifier_token)
    order by identifier_token, received_at desc, request_id
)

insert into governance.tombstones as tombstone (
    identifier_token, identifier_kind, subject_token, request_id, tombstoned_on, doomed_from, doomed_until
)
select identifier_token, identifier_kind, subject_token, request_id, %(night)s::date, doomed_from, doomed_until
from newest
on conflict (identifier_token) do update set
    request_id = excluded.request_id,
    tombstoned_on = excluded.tombstoned_on,
    doomed_from = least(tombstone.doomed_from, excluded.doomed_from),
    doomed_until = greatest(tombstone.doomed_until, excluded.doomed_until)
where excluded.doomed_from < tombstone.doomed_from or excluded.doomed_until > tombstone.doomed_until
"""

# a withdrawal has nothing to purge
ADVANCE = """
update governance.deletion_requests
set
    state = case when regulation_type = 'UNSUPPRESS' then 'carried out' else 'tombstoned' end,
    decided_on = coalesce(decided_on, %(night)s::date),
    carried_out_on = case when regulation_type = 'UNSUPPRESS' then %(night)s::date end
where state = 'verified'
"""


@dataclass(frozen=True)
class Placed:
    """Counts of the tombstones: requests on hold, tombstones new or widened tonight, tombstones in all."""

    on_hold: int
    new: int
    tombstones: int


def place(connection: Connection, *, night: str) -> Placed:
    """Hold back requests that touch held identifiers, tombstone the others; running it again changes nothing."""
    connection.execute(HOLD)
    connection.execute(WITHDRAW)
    new = connection.execute(PLACE, {"night": night}).rowcount
    connection.execute(ADVANCE, {"night": night})
    on_hold, tombstones = connection.execute(
        """
        select
            (select count(*) from governance.deletion_requests where state = 'on hold'),
            (select count(*) from governance.tombstones)
        """
    ).fetchone() or (0, 0)
    return Placed(on_hold, new, tombstones)
