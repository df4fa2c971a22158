{{ config(relation="raw.feature_used") }}

{{ doomed_source_rows("segment", "feature_used") }}
