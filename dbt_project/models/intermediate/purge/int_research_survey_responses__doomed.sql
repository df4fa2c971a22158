{{ config(relation="research.research_survey_responses") }}

{{ doomed_release_rows("research_survey_responses", clock="submitted_quarter_on") }}
