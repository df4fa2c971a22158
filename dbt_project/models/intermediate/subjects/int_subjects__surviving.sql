select
    subject.subject_id,
    subject.research_token
from {{ ref("int_subjects__tokenized") }} as subject
where
    -- suppressed, and not come back
    not exists (
        select 1 from {{ source("governance", "tombstones") }} as tombstone
        where tombstone.identifier_token = subject.ledger_token and tombstone.doomed_until = 'infinity'
    )
    -- a hold or a review keeps data for its own purpose only: who asked to be deleted is not researched meanwhile
    and not exists (
        select 1
        from {{ source("governance", "request_identifiers") }} as found
        inner join {{ source("governance", "deletion_requests") }} as request on found.request_id = request.request_id
        where
            found.identifier_token = subject.ledger_token
            and request.regulation_type <> 'UNSUPPRESS'
            and request.state in ('verified', 'in review', 'on hold', 'tombstoned')
    )
