select distinct
    subject.subject_id,
    subject.ledger_token,
    subject.research_token
from {{ ref("int_identifiers__held") }} as held
inner join {{ ref("int_subjects__tokenized") }} as subject on held.identifier = subject.subject_id
where held.identifier_kind = 'user_id'
