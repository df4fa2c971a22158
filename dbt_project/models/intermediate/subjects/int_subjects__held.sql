select distinct
    subject.subject_id,
    subject.ledger_token,
    subject.research_token
from {{ ref("stg_privacy_desk__legal_holds") }} as hold
inner join {{ ref("int_subjects__tokenized") }} as subject on hold.user_id = subject.subject_id
where
    hold.starts_on <= {{ night() }}
    and (hold.ends_on is null or hold.ends_on >= {{ night() }})
