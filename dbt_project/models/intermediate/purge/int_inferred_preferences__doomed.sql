{{ config(relation="raw.inferred_preferences") }}

{{ doomed_source_rows("business", "inferred_preferences") }}
