-- Revenue by quarter, country and plan: countries first, then plans within each, merged until their cells are safe.
-- depends_on: {{ ref("int_periods__closed") }}
with masked as (
    select
        {{ masked_columns("int_orders__surviving", "research_and_development") }}
    from {{ ref("int_orders__surviving") }}
    where
        received_at < {{ closed_until("research_revenue") }}::timestamp at time zone 'UTC'
        and received_at
        >= coalesce({{ published_until("research_revenue") }}, '-infinity')::timestamp at time zone 'UTC'
),

bought as (
    select
        masked.ordered_quarter_on,
        coalesce(masked.currency_code, 'unknown') as currency_code,
        coalesce(person.country_code, 'unknown') as country_code,
        coalesce(person.plan, 'unknown') as plan,
        masked.subject_token,
        count(masked.ordered_quarter_on) as orders,
        coalesce(sum(masked.revenue), 0) as revenue
    from masked
    inner join {{ ref("research_users") }} as person on masked.subject_token = person.subject_token
    where
        {{ newly_closed("research_revenue", "masked.ordered_quarter_on") }}
    group by
        masked.ordered_quarter_on, masked.currency_code, person.country_code, person.plan, masked.subject_token
),

country_cells as (
    select
        ordered_quarter_on,
        currency_code,
        country_code,
        count(subject_token) as subjects,
        sum(revenue) as amount,
        max(revenue) as largest
    from bought
    group by ordered_quarter_on, currency_code, country_code
),

parted_countries as (
    {{ shown_parts(
        "country_cells",
        ["ordered_quarter_on", "currency_code"],
        "country_code",
        "other countries",
        "all countries",
        has_amount=true
    ) }}
),

located as (
    select
        bought.ordered_quarter_on,
        bought.currency_code,
        parted_countries.shown_part as country_code,
        bought.plan,
        bought.subject_token,
        bought.orders,
        bought.revenue
    from bought
    inner join parted_countries
        on
            bought.ordered_quarter_on = parted_countries.ordered_quarter_on
            and bought.currency_code = parted_countries.currency_code
            and bought.country_code = parted_countries.country_code
    where parted_countries.shown_part is not null
),

plan_cells as (
    select
        ordered_quarter_on,
        currency_code,
        country_code,
        plan,
        count(subject_token) as subjects,
        sum(revenue) as amount,
        max(revenue) as largest
    from located
    group by ordered_quarter_on, currency_code, country_code, plan
),

parted_plans as (
    {{ shown_parts(
        "plan_cells",
        ["ordered_quarter_on", "currency_code", "country_code"],
        "plan",
        "other plans",
        "all plans",
        has_amount=true
    ) }}
)

select
    located.ordered_quarter_on,
    located.currency_code,
    located.country_code,
    parted_plans.shown_part as plan,
    count(located.subject_token) as buyers,
    sum(located.orders)::bigint as orders,
    round(sum(located.revenue))::bigint as revenue
from located
inner join parted_plans
    on
        located.ordered_quarter_on = parted_plans.ordered_quarter_on
        and located.currency_code = parted_plans.currency_code
        and located.country_code = parted_plans.country_code
        and located.plan = parted_plans.plan
where parted_plans.shown_part is not null
group by located.ordered_quarter_on, located.currency_code, located.country_code, parted_plans.shown_part
{{ standing_cells("research_revenue") }}
