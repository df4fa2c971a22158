with smallest as (
    {% for released in released_models() -%}
    select
        'research_candidate.{{ released }}' as relation,
        count(*) as offenders
    from (
        select 1 as one
        from {{ ref(released) }}
        group by {{ quasi_identifiers(released) | join(", ") }}
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
