{{ config(relation="research.research_survey_responses") }}

{{ departed_rows("research", "research_survey_responses", clock="submitted_quarter_on") }}
