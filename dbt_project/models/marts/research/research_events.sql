{{ config(materialized="release", clock="occurred_week_on") }}

{%- set base = release_base("research_events") -%}
-- A week is released once, when its late rows have arrived; afterwards rows only leave it, with their subject or class.
-- depends_on: {{ ref("int_periods__closed") }}
with masked as (
    select
        {{ masked_columns("int_events__surviving", "research_and_development") }}
    from {{ ref("int_events__surviving") }}
    where
        received_at < {{ closed_until("research_events") }}::timestamp at time zone 'UTC'
        {%- if base %}
        and received_at >= coalesce({{ published_until("research_events") }}, '-infinity')::timestamp at time zone 'UTC'
        {%- endif %}
),

classed as (
    select
        masked.subject_token,
        masked.event_name,
        masked.occurred_week_on,
        count(masked.occurred_week_on) as events,
        -- one row a subject within a class, so its rows are its subjects
        {{ class_size(["masked.occurred_week_on", "masked.event_name"]) }} as class_size
    from masked
    inner join {{ ref("research_users") }} as subject on masked.subject_token = subject.subject_token
    -- a week goes with its first day: no released week holds an expired event
    where masked.occurred_week_on >= {{ retention_cutoff("research.research_events") }}
    -- as the classes are, so that one sort serves both; the week first: dates are compared in no time, texts are not
    group by masked.occurred_week_on, masked.event_name, masked.subject_token
)
{%- if base %},

{{ standing_rows(
    base,
    model="research_events",
    columns=["subject_token", "event_name", "occurred_week_on", "events"],
    clock="occurred_week_on",
    cutoff=retention_cutoff("research.research_events")
) }}
{%- endif %}

select
    subject_token,
    event_name,
    occurred_week_on,
    events
from classed
where class_size >= {{ var("k") }}
{%- if base %}
union all
select
    subject_token,
    event_name,
    occurred_week_on,
    events
from standing
{%- endif %}
