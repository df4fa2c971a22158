{{ config(relation="raw.tracks") }}

{{ doomed_source_rows("segment", "tracks") }}
