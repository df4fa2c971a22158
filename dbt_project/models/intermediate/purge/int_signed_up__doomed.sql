{{ config(relation="raw.signed_up") }}

{{ doomed_source_rows("segment", "signed_up") }}
