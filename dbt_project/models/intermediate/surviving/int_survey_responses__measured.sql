{%- set quarter = masked_column(
    "int_survey_responses__surviving", "research_and_development", "submitted_quarter_on"
) -%}
-- What could be released of every survivor's closed quarters, as it would be shown and exactly: the first day and the
-- lowest score. The measures of research_survey_responses compare; a row a subject, survey, quarter and band, as there.
select
    survey_name,
    {{ quarter }} as submitted_quarter_on,
    {{ masked_column("int_survey_responses__surviving", "research_and_development", "score_band") }} as score_band,
    survey_name as exact_survey_name,
    min(submitted_at at time zone 'UTC')::date as exact_submitted_quarter_on,
    min(score) as exact_score_band
from {{ ref("int_survey_responses__surviving") }}
where
    submitted_at < {{ closed_until("research_survey_responses") }}::timestamp at time zone 'UTC'
    and {{ quarter }}
    >= {{ retention_cutoff("research.research_survey_responses") }}
group by subject_token, survey_name, submitted_quarter_on, score_band
