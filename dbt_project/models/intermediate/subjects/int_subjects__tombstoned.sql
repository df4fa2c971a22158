-- Subjects by user id, as releases know them.
select
    subject.subject_id,
    subject.ledger_token,
    subject.research_token,
    tombstoned.tombstone_id,
    tombstoned.subject_token,
    tombstoned.request_id,
    tombstoned.doomed_from,
    tombstoned.doomed_until
from {{ ref("int_identifiers__tombstoned") }} as tombstoned
inner join {{ ref("int_subjects__tokenized") }} as subject on tombstoned.identifier = subject.subject_id
where tombstoned.identifier_kind = 'user_id'
