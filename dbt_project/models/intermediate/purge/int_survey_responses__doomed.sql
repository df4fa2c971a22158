{{ config(relation="raw.survey_responses") }}

{{ doomed_source_rows("business", "survey_responses") }}
