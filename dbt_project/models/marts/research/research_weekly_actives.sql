-- How many were active in a week, by plan. Counts what research_events shows: the difference of the two tells nothing.
-- depends_on: {{ ref("int_periods__closed") }}
with active as (
    select
        happened.occurred_week_on as active_week_on,
        coalesce(person.plan, 'unknown') as plan,
        happened.subject_token,
        sum(happened.events) as events
    from {{ ref("research_events") }} as happened
    inner join {{ ref("research_users") }} as person on happened.subject_token = person.subject_token
    where
        {{ newly_closed("research_weekly_actives", "happened.occurred_week_on") }}
    group by happened.occurred_week_on, person.plan, happened.subject_token
),

cells as (
    select
        active_week_on,
        plan,
        count(subject_token) as subjects
    from active
    group by active_week_on, plan
),

parted as (
    {{ shown_parts("cells", ["active_week_on"], "plan", "other plans", "all plans") }}
)

select
    active.active_week_on,
    parted.shown_part as plan,
    count(active.subject_token) as active_subjects,
    sum(active.events)::bigint as events
from active
inner join parted on active.active_week_on = parted.active_week_on and active.plan = parted.plan
where parted.shown_part is not null
group by active.active_week_on, parted.shown_part
{{ standing_cells("research_weekly_actives") }}
