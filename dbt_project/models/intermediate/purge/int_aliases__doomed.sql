{{ config(relation="raw.aliases") }}

{{ doomed_source_rows("segment", "aliases") }}
