-- Identifiers whose rows a hold keeps tonight.
select
    'user_id' as identifier_kind,
    subject_id as identifier
from {{ ref("int_subjects__held") }}
