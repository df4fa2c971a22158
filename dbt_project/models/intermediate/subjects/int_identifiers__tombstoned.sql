-- Identifiers of the warehouse that are tombstoned and not held, with the time in which their rows are doomed.
select
    'user_id' as identifier_kind,
    subject.subject_id as identifier,
    tombstone.subject_token,
    tombstone.request_id,
    tombstone.doomed_from,
    tombstone.doomed_until
from {{ source("governance", "tombstones") }} as tombstone
inner join {{ ref("int_subjects__tokenized") }} as subject on tombstone.identifier_token = subject.ledger_token
where not exists (
    select 1 from {{ ref("int_identifiers__held") }} as held
    where held.identifier_kind = 'user_id' and held.identifier = subject.subject_id
)
