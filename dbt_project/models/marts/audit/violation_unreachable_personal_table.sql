with offenders as (
    select
        relation,
        null as column_name,
        count(*) as offenders,
        relation || ' is personal and no purge reaches it. Name its subject_key in the sources YAML and add '
        || 'models/intermediate/purge/int_<entity>__doomed.sql.' as finding
    from {{ source("governance", "column_tags") }}
    where
        relation like 'raw.%'
        and origin = 'declared'
        and identifiability <> 'none'
        and relation <> all('{ {{- purged_relations() | join(",") -}} }'::text[])
    group by relation
)

{{ not_excepted("offenders", "violation_unreachable_personal_table") }}
