{{ config(relation="raw.screens") }}

{{ doomed_source_rows("segment", "screens") }}
