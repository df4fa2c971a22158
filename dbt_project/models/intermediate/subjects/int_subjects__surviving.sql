select
    subject.subject_id,
    subject.research_token
from {{ ref("int_subjects__tokenized") }} as subject
where
    not exists (
        select 1 from {{ source("governance", "tombstones") }} as tombstone
        where tombstone.identifier_token = subject.ledger_token
    )
    -- a hold keeps data for its own purpose only: who asked to be deleted is not researched meanwhile
    and not exists (
        select 1 from {{ source("governance", "deletion_requests") }} as request
        where request.subject_token = subject.ledger_token and request.state in ('verified', 'on hold', 'tombstoned')
    )
