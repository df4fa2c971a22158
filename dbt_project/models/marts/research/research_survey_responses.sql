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
        count(*) as responses
    from {{ ref("int_survey_responses__surviving") }}
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

select
    subject_token,
    survey_name,
    submitted_quarter_on,
    score_band,
    responses
from classed
where class_size >= {{ var("k") }}
