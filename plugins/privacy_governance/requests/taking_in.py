"""Requests that stand in `raw` become ledger entries; all in SQL, by keyed token only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from privacy_governance.locks import Lock
from privacy_governance.requests.due_dates import CONFIRM_BY, DUE_ON
from privacy_governance.requests.vocabulary import (
    FOR_A_CUSTOMER,
    ID_FORM,
    NO_IDENTIFIER,
    REFERENCE_FORM,
    REGULATION_TYPES,
    UNKNOWN_TYPE,
)

if TYPE_CHECKING:
    from privacy_governance.warehouse import Connection

# What another system wrote is copied where it has the form of a reference; anything else may name a person.
# Rows that can't be entered (no usable id or moment) are listed by violation_unusable_request.
#
# Apart from the insert, because PostgreSQL makes rows in parallel only where it writes them into a new table. And with
# an offset that is text: of a number it is not known that it is 0 when that is decided.
INCOMING = f"""
create temporary table incoming (
    request_id, regulation_type, subject_token, given_tokens, channel, received_at, confirm_by, confirmed_on,
    verified_at, verified_by, verification_method, residency, agent_proof, due_on, state, refusal, decided_on
) on commit drop as
select
    request_id,
    -- not one of the four: perhaps anything
    case when regulation_type = any(%(types)s) then regulation_type else 'unknown' end,
    given_tokens[1],
    given_tokens,
    case when length(channel) <= 80 and channel ~ %(reference)s then channel end,
    received_at,
    {CONFIRM_BY},
    confirmed_at::date,
    verified_at,
    case when length(verified_by) <= 80 and verified_by ~ %(reference)s then verified_by end,
    case when length(verification_method) <= 80 and verification_method ~ %(reference)s then verification_method end,
    case when length(residency) <= 80 and residency ~ %(reference)s then residency end,
    case
        when length(agent_proof) <= 80 and agent_proof ~ %(reference)s then agent_proof
        when agent_proof is not null then 'filed with the desk'
    end,
    {DUE_ON},
    case
        when routing is not null then 'routed'
        when refusal is not null then 'refused'
        when verified_at is not null then 'verified'
        else 'received'
    end,
    coalesce(routing, refusal),
    case when coalesce(routing, refusal) is not null then current_setting('governance.night')::date end
from (
    select
        *,
        case when is_for_a_customer then %(for_a_customer)s end as routing,
        case
            when regulation_type is null or regulation_type <> all(%(types)s) then %(unknown_type)s
            when given_tokens[1] is null then %(no_identifier)s
        end as refusal
    from (
        select *
        from intermediate.int_privacy_requests__tokenized as usable
        where
            length(request_id) <= 100
            and request_id ~ %(id)s
            and received_at <= greatest(now(), current_setting('governance.night')::date + interval '1 day')
            and not exists (
                select 1 from governance.deletion_requests as known where known.request_id = usable.request_id
            )
        offset '0' -- so that a request's tokens are made once, not for each use of them
    ) as usable
    offset '0'
) as incoming
"""  # noqa: S608 -- composed of this package's own expressions

# Of an id that stands twice in raw, the one that was received first. In the order of the ids the primary key grows at
# its end; collation C compares bytes, and calls the same ids the same as any other collation.
TAKE_IN = """
insert into governance.deletion_requests (
    request_id, regulation_type, subject_token, given_tokens, channel, received_at, confirm_by, confirmed_on,
    verified_at, verified_by, verification_method, residency, agent_proof, due_on, state, refusal, decided_on
)
select distinct on (request_id collate "C") * from incoming
order by request_id collate "C", received_at
"""

# What nobody has verified yet may still be put right where it was written: what is verified is the row as it is then.
# An id that stands twice says nothing, and the clock runs from the first receipt.
REWRITE = """
with written as (
    select
        request_id,
        min(regulation_type) as regulation_type,
        min(given_tokens) as given_tokens,
        bool_or(is_for_a_customer) as is_for_a_customer
    from intermediate.int_privacy_requests__tokenized
    where request_id in (
        select known.request_id from governance.deletion_requests as known where known.state = 'received'
    )
    group by request_id
    having count(*) = 1
)

update governance.deletion_requests as request
set
    regulation_type = written.regulation_type,
    subject_token = written.given_tokens[1],
    given_tokens = written.given_tokens,
    state = case when written.is_for_a_customer then 'routed' else request.state end,
    refusal = case when written.is_for_a_customer then %(for_a_customer)s end,
    decided_on = case when written.is_for_a_customer then current_setting('governance.night')::date end
from written
where
    written.request_id = request.request_id
    and written.regulation_type = any(%(types)s)
    and written.given_tokens[1] is not null
    and (
        written.regulation_type <> request.regulation_type
        or written.given_tokens <> request.given_tokens
        or written.is_for_a_customer
    )
"""

# Those that were taken in before, by a row of the same content: not by another row that has the same id.
VERIFY = """
update governance.deletion_requests as request
set
    state = 'verified',
    verified_at = incoming.verified_at,
    verified_by = coalesce(
        case
            when length(incoming.verified_by) <= 80 and incoming.verified_by ~ %(reference)s then incoming.verified_by
        end,
        request.verified_by
    ),
    verification_method = coalesce(
        case
            when length(incoming.verification_method) <= 80 and incoming.verification_method ~ %(reference)s
                then incoming.verification_method
        end,
        request.verification_method
    ),
    agent_proof = coalesce(
        request.agent_proof,
        case
            when length(incoming.agent_proof) <= 80 and incoming.agent_proof ~ %(reference)s
                then incoming.agent_proof
            when incoming.agent_proof is not null then 'filed with the desk'
        end
    )
from intermediate.int_privacy_requests__tokenized as incoming
where
    incoming.request_id = request.request_id
    and incoming.verified_at is not null
    and request.state = 'received'
    and incoming.regulation_type = request.regulation_type
    -- no key of the join: tokens would be made of every row, and not of those few that wait
    and (incoming.given_tokens = request.given_tokens) is true
    and not incoming.is_for_a_customer
"""

CONFIRM = """
update governance.deletion_requests as request
set confirmed_on = incoming.confirmed_at::date
from intermediate.int_privacy_requests__tokenized as incoming
where
    incoming.request_id = request.request_id
    and incoming.confirmed_at is not null
    and request.confirmed_on is null
"""


@dataclass(frozen=True)
class TakenIn:
    """Counts of the requests taken in: new tonight; refused and routed to a customer so far."""

    received: int
    refused: int
    routed: int


def take_in(connection: Connection) -> TakenIn:
    """Enter new requests with their clocks and verify those that were verified; running it again changes nothing.

    Needs the session settings of the night (its date, keys, UTC): the tokenized view computes tokens as it is read.
    """
    parameters = {
        "types": list(REGULATION_TYPES),
        "id": ID_FORM,
        "reference": REFERENCE_FORM,
        "unknown_type": UNKNOWN_TYPE,
        "no_identifier": NO_IDENTIFIER,
        "for_a_customer": FOR_A_CUSTOMER,
    }
    connection.execute("set local jit = off")  # it compiles longer than it saves on a few wide passes
    # so that no id is new to two of them
    connection.execute("select pg_advisory_xact_lock(%s)", [Lock.TAKE_IN])
    connection.execute(REWRITE, parameters)
    connection.execute(VERIFY, parameters)
    connection.execute(CONFIRM)
    connection.execute("drop table if exists pg_temp.incoming")
    arrived = connection.execute(INCOMING, parameters).rowcount
    received = connection.execute(TAKE_IN).rowcount
    connection.execute("drop table incoming")
    if received < arrived:
        # an id stands twice: the row that was left out may say of the one that was entered what came later
        connection.execute(VERIFY, parameters)
        connection.execute(CONFIRM)
    refused, routed = connection.execute(
        """
        select count(*) filter (where state = 'refused'), count(*) filter (where state = 'routed')
        from governance.deletion_requests
        """
    ).fetchone() or (0, 0)
    return TakenIn(received, refused, routed)
