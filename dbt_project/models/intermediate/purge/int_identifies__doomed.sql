{{ config(relation="raw.identifies") }}

{{ doomed_source_rows("segment", "identifies") }}
