-- Identifiers whose rows a hold keeps: what the night found of held subjects, and, as it is now, whom a hold names.
select
    found.identifier_kind,
    found.identifier
from {{ source("governance", "held_identifiers") }} as held
inner join {{ ref("int_identifiers__tokenized") }} as found on held.identifier_token = found.ledger_token
union
select
    'user_id' as identifier_kind,
    user_id as identifier
from {{ ref("stg_privacy_desk__legal_holds") }}
where
    user_id is not null
    and starts_on <= {{ night() }}
    and (ends_on is null or ends_on >= {{ night() }})
