with smallest as (
    {% for released, quasi_identifiers in {
        "research_users": ["country_code", "plan", "age_band", "is_marketing_opted_in"],
        "research_events": ["event_name", "occurred_week_on"],
        "research_payments": ["currency_code", "paid_month_on", "amount_band"],
    }.items() -%}
    select
        'research_candidate.{{ released }}' as relation,
        count(*) as offenders
    from (
        select 1 as one
        from {{ ref(released) }}
        group by {{ quasi_identifiers | join(", ") }}
        having count(distinct subject_token) < {{ var("k") }}
    ) as too_small
    {{ "union all" if not loop.last }}
    {% endfor -%}
),

offenders as (
    select
        relation,
        null as column_name,
        offenders,
        relation || ' has ' || offenders || ' class(es) of fewer than {{ var("k") }} subjects. '
        || 'Generalize or suppress further in its model.' as finding
    from smallest
    where offenders > 0
)

{{ not_excepted("offenders", "violation_release_under_k") }}
