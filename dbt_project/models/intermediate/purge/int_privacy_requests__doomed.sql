{{ config(relation="raw.privacy_requests") }}

-- A request goes once the ledger has it: one that came since this night took requests in, or that no night can take in
-- until it is put right, would be gone before anybody read it. As would one with the id of another.
{% set is_taken_in -%}
    exists (
                select 1 from {{ source("governance", "deletion_requests") }} as known
                inner join {{ source("governance", "tombstones") }} as own on known.subject_token = own.identifier_token
                where
                    known.request_id = kept.request_id
                    and known.received_at = kept.received_at
                    and known.regulation_type in (upper(kept.regulation_type), 'unknown')
                    and own.tombstone_id = subject.tombstone_id
            )
{%- endset -%}
{{ doomed_source_rows("privacy_desk", "privacy_requests", tombstoned_if=is_taken_in) }}
