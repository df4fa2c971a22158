{{ config(relation="raw.privacy_requests") }}

-- A request goes once the ledger has it: one that came since this night took requests in, or that no night can take in
-- until it is put right, would be gone before anybody read it.
{% set is_taken_in -%}
    exists (
                select 1 from {{ source("governance", "deletion_requests") }} as known
                where known.request_id = kept.request_id
            )
{%- endset -%}
{{ doomed_source_rows("privacy_desk", "privacy_requests", tombstoned_if=is_taken_in) }}
