with personal as (
    select distinct relation
    from {{ source("governance", "column_tags") }}
    where relation like 'raw.%' and origin = 'declared' and identifiability <> 'none'
),

offenders as (
    select
        personal.relation,
        null as column_name,
        1 as offenders,
        personal.relation || ' is personal and has no retention rule. Add a row to retention_rules.csv.' as finding
    from personal
    left join {{ ref("retention_rules") }} as rule on personal.relation = rule.relation
    where rule.relation is null
)

{{ not_excepted("offenders", "violation_missing_retention_rule") }}
