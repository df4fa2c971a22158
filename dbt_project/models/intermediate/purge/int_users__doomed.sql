{{ config(relation="raw.users") }}

{{ doomed_source_rows("segment", "users") }}
