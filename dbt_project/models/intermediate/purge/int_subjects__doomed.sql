{{ config(relation="intermediate.int_subjects__tokenized") }}

-- After all relations of people, because releases are matched through it.
-- depends_on: {{ ref("int_identifier_links__doomed") }}
{{ doomed_identifier_rows("intermediate.int_subjects__tokenized", [
    "subject.identifier_kind = 'user_id' and subject.identifier = kept.subject_id",
], kinds=["user_id"]) }}
