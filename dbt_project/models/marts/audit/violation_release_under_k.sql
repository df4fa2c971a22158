-- k: a class of a released table, or a cell of an aggregate. l: those who share all else, with too few values of what
-- is sensitive. t: those, with values too unlike all of the table's. A step of the funnel is a cell, and so is who
-- falls out before it.
with smallest as (
    {% for released in released_models() -%}
    {%- set group = diversity_class(released) -%}
    select
        'research_candidate.{{ released }}' as relation,
        null as column_name,
        count(*) as offenders,
        'class(es) of fewer than {{ var("k") }} subjects' as breach
    from (
        {{ undersized_classes(ref(released), quasi_identifiers(released)) }}
    ) as too_small
    union all
    {%- for attribute in sensitive_attributes(released) %}
    select
        'research_candidate.{{ released }}' as relation,
        '{{ attribute }}' as column_name,
        count(*) as offenders,
        'class(es) with fewer than {{ var("l") }} values of {{ attribute }}' as breach
    from (
        select 1 as one
        from {{ ref(released) }}
        group by {{ group | join(", ") }}
        having count(distinct {{ attribute }}) < {{ var("l") }}
    ) as too_alike
    union all
    select
        'research_candidate.{{ released }}' as relation,
        '{{ attribute }}' as column_name,
        count(*) as offenders,
        'class(es) whose {{ attribute }} is further than t = {{ var("t") }} from the whole table''s' as breach
    from (
        select 1 as one
        from (
            select
                {{ group | join(", ") }},
                count(*) / sum(count(*)) over (partition by {{ group | join(", ") }})
                - sum(count(*)) over (partition by {{ attribute }}) / sum(count(*)) over () as excess
            from {{ ref(released) }}
            group by {{ group | join(", ") }}, {{ attribute }}
        ) as compared
        group by {{ group | join(", ") }}
        having sum(greatest(excess, 0)) > {{ var("t") }}
    ) as too_far
    union all
    {%- endfor %}
    {% endfor -%}
    select
        'research_candidate.research_weekly_actives' as relation,
        null as column_name,
        count(*) as offenders,
        'cell(s) of fewer than {{ var("k") }} subjects' as breach
    from {{ ref("research_weekly_actives") }}
    where active_subjects < {{ var("k") }}
    union all
    select
        'research_candidate.research_revenue' as relation,
        null as column_name,
        count(*) as offenders,
        'cell(s) of fewer than {{ var("k") }} subjects' as breach
    from {{ ref("research_revenue") }}
    where buyers < {{ var("k") }}
    union all
    select
        'research_candidate.research_signup_funnel' as relation,
        null as column_name,
        count(*) as offenders,
        'month(s) with fewer than {{ var("k") }} subjects in or between two steps' as breach
    from {{ ref("research_signup_funnel") }}
    where
        least(
            signed_up,
            active_within_4_weeks,
            ordered_within_4_weeks,
            signed_up - active_within_4_weeks,
            coalesce(active_within_4_weeks, signed_up) - ordered_within_4_weeks
        ) < {{ var("k") }}
),

offenders as (
    select
        relation,
        column_name,
        offenders,
        relation || ' has ' || offenders || ' ' || breach || '. Generalize or suppress further in its model.' as finding
    from smallest
    where offenders > 0
)

{{ not_excepted("offenders", "violation_release_under_k") }}
