{%- set base = release_base("research_survey_responses") -%}
-- A quarter is released once, when its late rows have arrived; afterwards rows only leave it, by subject or by class.
-- depends_on: {{ ref("int_periods__closed") }}
with quarterly as (
    select
        subject_token,
        survey_name,
        date_trunc('quarter', submitted_at at time zone 'UTC')::date as submitted_quarter_on,
        case
            when score is null then 'no score'
            when score < 7 then '0 to 6'
            when score < 9 then '7 to 8'
            else '9 to 10'
        end as score_band,
        count(submitted_at) as responses
    from {{ ref("int_survey_responses__surviving") }}
    where
        submitted_at < {{ closed_until("research_survey_responses") }}::timestamp at time zone 'UTC'
        and submitted_at
        >= coalesce({{ published_until("research_survey_responses") }}, '-infinity')::timestamp at time zone 'UTC'
    group by subject_token, survey_name, submitted_quarter_on, score_band
),

classed as (
    select
        quarterly.*,
        -- one row a subject within a class, so its rows are its subjects
        {{ class_size(["survey_name", "submitted_quarter_on", "score_band"]) }} as class_size
    from quarterly
    inner join {{ ref("research_users") }} as subject on quarterly.subject_token = subject.subject_token
    -- a quarter goes with its first day: no released quarter holds an expired answer
    where quarterly.submitted_quarter_on >= {{ retention_cutoff("research.research_survey_responses") }}
)
{%- if base %},

{{ standing_rows(
    base,
    class=["survey_name", "submitted_quarter_on", "score_band"],
    columns=["subject_token", "survey_name", "submitted_quarter_on", "score_band", "responses"],
    clock="submitted_quarter_on",
    cutoff=retention_cutoff("research.research_survey_responses")
) }}
{%- endif %}

select
    subject_token,
    survey_name,
    submitted_quarter_on,
    score_band,
    responses
from classed
where class_size >= {{ var("k") }}
{%- if base %}
union all
select
    subject_token,
    survey_name,
    submitted_quarter_on,
    score_band,
    responses
from standing
{%- endif %}
