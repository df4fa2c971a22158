{{ config(relation="raw.call_recordings") }}

{{ doomed_source_rows("business", "call_recordings") }}
