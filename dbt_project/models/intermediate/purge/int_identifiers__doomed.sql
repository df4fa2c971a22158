{{ config(relation="intermediate.int_identifiers__tokenized") }}

-- The last to go: every tombstone is matched through it. A night killed before this line finds the subject again.
-- depends_on: {{ ref("int_subjects__doomed") }}
{{ doomed_identifier_rows("intermediate.int_identifiers__tokenized", [
    "subject.identifier_kind = kept.identifier_kind and subject.identifier = kept.identifier",
]) }}
