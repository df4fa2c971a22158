-- Of what is about a subject. Aggregate consumer information is no personal information (Civ. Code 1798.140(b), (v)(3))
-- and may be made of any (1798.145(a)); that each cell is one, violation_release_under_k shows in this run.
with research_purposes as (
    select notice_category
    from {{ ref("notice_disclosures") }}
    where
        aspect = 'purpose'
        and member = 'research_and_development'
        and valid_from <= {{ night() }}
        and (valid_to is null or valid_to > {{ night() }})
),

used as (
    select
        relation,
        column_name,
        path,
        unnest(categories) as category
    from {{ source("governance", "column_tags") }}
    where
        relation like 'research\_candidate.%'
        and identifiability <> 'none'
        and relation <> all('{
            {%- for model in aggregated_models() -%}
                research_candidate.{{ model }}{{ "," if not loop.last }}
            {%- endfor -%}
        }'::text[])
),

offenders as (
    select
        used.relation,
        used.column_name,
        count(*) as offenders,
        used.relation || '.' || used.column_name || ' holds ' || string_agg(used.category, ', ' order by used.category)
        || ', by ' || array_to_string(min(used.path), ' → ') || '. The notice does not disclose research and '
        || 'development as a purpose of it: leave it out of the release.' as finding
    from used
    where not exists (
        select 1
        from research_purposes
        where research_purposes.notice_category = used.category
    )
    group by used.relation, used.column_name
)

{{ not_excepted("offenders", "violation_undisclosed_research_use") }}
