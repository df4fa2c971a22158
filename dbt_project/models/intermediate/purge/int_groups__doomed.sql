{{ config(relation="raw.groups") }}

{{ doomed_source_rows("segment", "groups") }}
