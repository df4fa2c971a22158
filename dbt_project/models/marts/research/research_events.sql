with weekly as (
    select
        subject_token,
        event_name,
        date_trunc('week', received_at at time zone 'UTC')::date as occurred_week_on,
        count(*) as events
    from {{ ref("int_events__surviving") }}
    group by subject_token, event_name, occurred_week_on
),

classed as (
    select
        weekly.*,
        -- one row a subject within a class, so its rows are its subjects
        {{ class_size(["weekly.event_name", "weekly.occurred_week_on"]) }} as class_size
    from weekly
    inner join {{ ref("research_users") }} as subject on weekly.subject_token = subject.subject_token
    -- a week goes with its first day: no released week holds an expired event
    where weekly.occurred_week_on >= {{ retention_cutoff("research.research_events") }}
)

select
    subject_token,
    event_name,
    occurred_week_on,
    events
from classed
where class_size >= {{ var("k") }}
