with offenders as (
    select
        'research.research_users' as relation,
        null as column_name,
        count(*) as offenders,
        'research.research_users holds ' || count(*) || ' subject(s) who have no row in raw.users any more. Load it in '
        || 'full and run the night again; if they are gone for good, raise absence_limit in dbt_project.yml for it.'
        as finding
    from {{ ref("research_users") }} as candidate
    inner join {{ source("governance", "release_members") }} as member
        on candidate.subject_token = member.subject_token
    where not exists (
        select 1 from {{ ref("int_users__surviving") }} as surviving
        where surviving.subject_token = candidate.subject_token
    )
    having count(*) > 0
)

{{ not_excepted("offenders", "violation_release_member_without_source") }}
