{{ config(relation="raw.pages") }}

{{ doomed_source_rows("segment", "pages") }}
