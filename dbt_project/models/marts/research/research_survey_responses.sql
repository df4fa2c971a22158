{%- set base = release_base("research_survey_responses") -%}
-- A quarter is released once, when its late rows have arrived; afterwards rows only leave it, by subject or by class.
-- depends_on: {{ ref("int_periods__closed") }}
with masked as (
    select
        {{ masked_columns("int_survey_responses__surviving", "research_and_development") }}
    from {{ ref("int_survey_responses__surviving") }}
    where
        submitted_at < {{ closed_until("research_survey_responses") }}::timestamp at time zone 'UTC'
        {%- if base %}
        and submitted_at
        >= coalesce({{ published_until("research_survey_responses") }}, '-infinity')::timestamp at time zone 'UTC'
        {%- endif %}
),

classed as (
    select
        masked.subject_token,
        masked.survey_name,
        masked.submitted_quarter_on,
        masked.score_band,
        count(masked.submitted_quarter_on) as responses,
        -- one row a subject within a class, so its rows are its subjects
        {{ class_size(["masked.submitted_quarter_on", "masked.survey_name", "masked.score_band"]) }} as class_size
    from masked
    inner join {{ ref("research_users") }} as subject on masked.subject_token = subject.subject_token
    -- a quarter goes with its first day: no released quarter holds an expired answer
    where masked.submitted_quarter_on >= {{ retention_cutoff("research.research_survey_responses") }}
    -- as the classes are, so that one sort serves both; the quarter first, as in research_events
    group by masked.submitted_quarter_on, masked.survey_name, masked.score_band, masked.subject_token
)
{%- if base %},

{{ standing_rows(
    base,
    model="research_survey_responses",
    columns=["subject_token", "survey_name", "submitted_quarter_on", "score_band", "responses"],
    clock="submitted_quarter_on",
    cutoff=retention_cutoff("research.research_survey_responses")
) }}
{%- endif %},

shown as (
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
),

-- who is known to have answered must not be known to have given the one score that is left of a survey
unsafe as (
    {{ unsafe_classes("shown", "research_survey_responses") }}
)

select
    shown.subject_token,
    shown.survey_name,
    shown.submitted_quarter_on,
    shown.score_band,
    shown.responses
from shown
where not exists (
    select 1 from unsafe
    where
        {{ same_class("unsafe", "shown", quasi_identifiers("research_survey_responses")) }}
)
