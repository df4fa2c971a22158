"""A tombstoned request is carried out when nothing that it dooms is alive; one whose rows a hold keeps is on hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privacy_governance.manifest import identifier_columns

if TYPE_CHECKING:
    from privacy_governance.manifest import Manifest
    from privacy_governance.warehouse import Connection

# A hold that came after the tombstones keeps the rows from the purge, which is not to be told as their deletion.
HOLD_BACK = """
update governance.deletion_requests as request
set state = 'on hold'
from (
    select distinct found.request_id
    from governance.request_identifiers as found
    inner join intermediate.int_identifiers__tokenized as known on found.identifier_token = known.ledger_token
    inner join intermediate.int_identifiers__held as held
        on known.identifier_kind = held.identifier_kind and known.identifier = held.identifier
    where not found.is_shared
) as kept
where request.state = 'tombstoned' and request.request_id = kept.request_id
"""

# Only an identifier that is doomed for all time must be gone. One that is doomed up to a moment (DELETE_ONLY) or from
# one (SUPPRESS_ONLY) may live on in rows outside that time; the purge, which ran before this, has taken those inside.
# One may live on, too, in a column that an exception keeps: all else is gone, and the answer tells of the exception.
CARRY_OUT = """
with naming as (
    select * from unnest(%(relations)s::text[], %(columns)s::text[], %(kinds)s::text[])
    as naming (relation, column_name, identifier_kind)
),

excepted as (
    select naming.identifier_kind, honoured.request_id
    from naming
    inner join governance.honoured_exceptions as honoured
        on naming.relation = honoured.relation and naming.column_name = honoured.column_name
    where coalesce(honoured.expires_on, 'infinity') >= %(night)s
    union
    -- of every request
    select naming.identifier_kind, null
    from naming
    inner join governance.deletion_exceptions as standing
        on naming.relation = standing.relation and naming.column_name = standing.column_name
    where standing.expires_on >= %(night)s
),

alive as materialized (
    select distinct subject_token, request_id
    from intermediate.int_identifiers__tombstoned as living
    where
        doomed_from = '-infinity' and doomed_until = 'infinity'
        and not exists (
            select from excepted
            where
                excepted.identifier_kind = living.identifier_kind
                and coalesce(excepted.request_id, living.request_id) = living.request_id
        )
),

waiting as materialized (
    select request_id from alive
    union
    select request.request_id
    from governance.deletion_requests as request
    inner join alive on request.subject_token = alive.subject_token
    where request.state = 'tombstoned'
    union
    -- a second request of the subject found identifiers that the first one's tombstones cover
    select found.request_id
    from governance.request_identifiers as found
    inner join governance.tombstones as tombstone on found.identifier_token = tombstone.identifier_token
    inner join alive
        on tombstone.subject_token = alive.subject_token and tombstone.request_id = alive.request_id
    where not found.is_shared
)

update governance.deletion_requests as request
set
    state = 'carried out',
    carried_out_on = %(night)s,
    decided_on = coalesce(request.decided_on, %(night)s)
where
    request.state = 'tombstoned'
    and not exists (select 1 from waiting where waiting.request_id = request.request_id)
"""


def carry_out(connection: Connection, manifest: Manifest, *, night: str) -> int:
    """Mark the requests of which nothing doomed is left as carried out; return how many. Those that a hold keeps wait.

    To be called when the purge of `night` is complete. Running it again changes nothing.
    """
    connection.execute(HOLD_BACK)
    naming = identifier_columns(manifest)
    asked = {
        "night": night,
        "relations": [column.relation for column in naming],
        "columns": [column.name for column in naming],
        "kinds": [column.kind for column in naming],
    }
    return connection.execute(CARRY_OUT, asked).rowcount
