-- Identifiers of the warehouse that are tombstoned and not held, with the time in which their rows are doomed.
select
    found.identifier_kind,
    found.identifier,
    tombstone.tombstone_id,
    tombstone.subject_token,
    tombstone.request_id,
    tombstone.doomed_from,
    tombstone.doomed_until
from {{ source("governance", "tombstones") }} as tombstone
inner join {{ ref("int_identifiers__tokenized") }} as found on tombstone.identifier_token = found.ledger_token
where not exists (
    -- a hold that came after the tombstone still wins
    select 1 from {{ ref("int_identifiers__held") }} as held
    where held.identifier_kind = found.identifier_kind and held.identifier = found.identifier
)
-- No rows are left out: it keeps the planner from joining a table's rows with every known identifier first, and only
-- then with the tombstones. A text, because a number is cast to bigint first, and what is not known to be 0 then keeps
-- the table from being read in several processes.
offset '0'  -- noqa: AM09
