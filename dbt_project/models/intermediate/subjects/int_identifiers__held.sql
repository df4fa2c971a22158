-- Identifiers whose rows a hold keeps: what the night found of held subjects, and, as it is now, whom a hold names, and
-- what is tied to those whom a hold of since then names. Some twice: who asks whether somebody is held need not care,
-- and UNION keeps whatever asks it from being read in several processes.
select
    found.identifier_kind,
    found.identifier
from {{ source("governance", "held_identifiers") }} as held
inner join {{ ref("int_identifiers__tokenized") }} as found on held.identifier_token = found.ledger_token
union all
select
    identifier_kind,
    identifier
from {{ ref("int_legal_holds__active") }}
union all
select
    found.identifier_kind,
    found.identifier
from unnest(governance.newly_held_identifiers()) as newcomer (identifier_id)
inner join {{ ref("int_identifiers__tokenized") }} as found on newcomer.identifier_id = found.identifier_id
