-- From sign-up to order, by month of sign-up. Steps are nested: who falls out between two shown steps is a cell, too.
-- depends_on: {{ ref("int_periods__closed") }}
with masked as (
    select
        {{ masked_columns("int_events__surviving", "research_and_development") }}
    from {{ ref("int_events__surviving") }}
    where
        received_at
        >= coalesce({{ published_until("research_signup_funnel") }}, '-infinity')::timestamp at time zone 'UTC'
),

signed_up as (
    select
        masked.subject_token,
        min(masked.occurred_week_on) as signed_up_week_on
    from masked
    inner join {{ ref("research_users") }} as person on masked.subject_token = person.subject_token
    where masked.event_name = 'signed_up'
    group by masked.subject_token
),

reached as (
    select
        signed_up.subject_token,
        date_trunc('month', signed_up.signed_up_week_on::timestamp)::date as signed_up_month_on,
        coalesce(bool_or(masked.event_name <> 'signed_up'), false) as is_active,
        coalesce(bool_or(masked.event_name = 'order_completed'), false) as is_buyer
    from signed_up
    left join masked
        on
            signed_up.subject_token = masked.subject_token
            and masked.occurred_week_on between signed_up.signed_up_week_on and signed_up.signed_up_week_on + 28
    group by signed_up.subject_token, signed_up.signed_up_week_on
),

counted as (
    select
        signed_up_month_on,
        count(subject_token) as subjects,
        count(subject_token) filter (where is_active) as active,
        count(subject_token) filter (where is_buyer) as buyers
    from reached
    where
        {{ newly_closed("research_signup_funnel", "signed_up_month_on") }}
    group by signed_up_month_on
),

first_step as (
    select
        signed_up_month_on,
        subjects,
        case when active >= {{ var("k") }} and subjects - active >= {{ var("k") }} then active end as active,
        buyers
    from counted
    where subjects >= {{ var("k") }}
)

select
    signed_up_month_on,
    subjects as signed_up,
    active as active_within_4_weeks,
    case
        when buyers >= {{ var("k") }} and coalesce(active, subjects) - buyers >= {{ var("k") }} then buyers
    end as ordered_within_4_weeks
from first_step
{{ standing_cells("research_signup_funnel") }}
