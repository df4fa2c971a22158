select
    subject.subject_id,
    subject.ledger_token,
    subject.research_token,
    tombstone.request_id
from {{ source("governance", "tombstones") }} as tombstone
inner join {{ ref("int_subjects__tokenized") }} as subject on tombstone.identifier_token = subject.ledger_token
where
    -- a hold that came after the tombstone still wins
    not exists (
        select 1 from {{ ref("int_subjects__held") }} as held
        where held.subject_id = subject.subject_id
    )
