{{ config(relation="research_previous.research_survey_responses") }}

{{ departed_rows("research_previous", "research_survey_responses", clock="submitted_quarter_on") }}
