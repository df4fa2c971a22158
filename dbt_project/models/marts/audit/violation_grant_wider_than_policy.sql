with wider as (
    select
        held.role_name,
        held.object_kind,
        held.object_name,
        held.column_name,
        held.privilege,
        held.remedy
    from {{ source("governance", "privileges") }} as held
    where not exists (
        select 1 from {{ ref("role_policies") }} as policy
        where
            policy.role_name = held.role_name
            and policy.object_kind = held.object_kind
            and policy.object_name in (held.object_name, held.schema_name || '.*', '*')
            and policy.privilege = held.privilege
    )
),

offenders as (
    select
        object_name as relation,
        column_name,
        1 as offenders,
        role_name || ' has ' || privilege || ' on the ' || object_kind || ' ' || object_name
        || coalesce(', column ' || column_name, '') || ', which no row of role_policies.csv allows. Run as its owner: '
        || remedy as finding
    from wider
)

{{ not_excepted("offenders", "violation_grant_wider_than_policy") }}
