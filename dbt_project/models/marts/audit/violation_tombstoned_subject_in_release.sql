with offenders as (
    select
        'research_candidate.' || release.table_name as relation,
        'subject_token' as column_name,
        count(*) as offenders,
        'research_candidate.' || release.table_name || ' holds ' || count(*) || ' row(s) of tombstoned subjects. '
        || 'Its model must read int_subjects__surviving.' as finding
    from (
        {% for released in released_models() -%}
        select '{{ released }}' as table_name, subject_token from {{ ref(released) }}
        {{ "union all" if not loop.last }}
        {% endfor -%}
    ) as release
    where not exists (
        select 1 from {{ ref("int_subjects__surviving") }} as surviving
        where surviving.research_token = release.subject_token
    )
    group by release.table_name
)

{{ not_excepted("offenders", "violation_tombstoned_subject_in_release") }}
