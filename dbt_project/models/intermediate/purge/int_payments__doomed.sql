{{ config(relation="raw.payments") }}

{{ doomed_source_rows("business", "payments") }}
