{{ config(materialized="ephemeral") }}

{%- set base = release_base("research_users", of_any_period=true) -%}
{%- set class = quasi_identifiers("research_users") -%}
-- Who leaves the release tonight: members who no longer survive, and with them, so that k or more of the same
-- class and cohort leave together or all of it does, others in an order that nobody without the key can tell.
-- A cohort joined in one release: otherwise who joined with some and left with others would be known by it.
-- Never a view: it would hold on to the release's tables, which every publish replaces. `releasing.withdraw` runs it.
-- Who has no row at all in the source leaves as well, unless they are so many that a load must have failed: what left
-- does not come back, so a bad load must not take it. violation_release_member_without_source then holds the night.
-- depends_on: {{ ref("int_users__surviving") }}
-- depends_on: {{ ref("int_subjects__surviving") }}
-- depends_on: {{ ref("int_subjects__tokenized") }}
-- depends_on: {{ ref("stg_segment__users") }}
-- depends_on: {{ source("governance", "release_members") }}
-- depends_on: {{ source("governance", "former_research_tokens") }}
{%- if not base %}
select
    null::text as subject_token,
    null::bigint as class_number,
    null::boolean as is_departed,
    null::bigint as remaining
where false
{%- else %}
with members as (
    select
        base.subject_token,
        coalesce(former.research_token, base.subject_token) as research_token,
        member.cohort,
        {%- for column in class %}
        base.{{ column }},
        {%- endfor %}
        -- a number is joined by faster than texts that may be null; two classes of one number do no harm here
        hash_record_extended((member.cohort, base.{{ class | join(", base.") }}), 0) as class_hash
    from {{ base }} as base
    inner join {{ source("governance", "release_members") }} as member on base.subject_token = member.subject_token
    left join {{ source("governance", "former_research_tokens") }} as former
        on base.subject_token = former.former_token
    where member.withdrawn_on is null
),

gone as (
    select
        members.subject_token,
        members.class_hash,
        exists (
            select 1 from {{ ref("int_subjects__surviving") }} as subject
            where subject.research_token = members.research_token
        )
        and not exists (
            select 1
            from {{ ref("stg_segment__users") }} as loaded
            inner join {{ ref("int_subjects__tokenized") }} as known on loaded.user_id = known.subject_id
            where known.research_token = members.research_token
        ) as is_absent
    from members
    where
        not exists (
            select 1 from {{ ref("int_users__surviving") }} as surviving
            where surviving.subject_token = members.research_token
        )
),

departed as (
    select
        subject_token,
        class_hash
    from gone
    where
        not is_absent
        or (select count(*) from gone as missing where missing.is_absent)
        <= {{ var("absence_limit") }} * (select count(*) from members as everybody)
),

counted as (
    select
        subject_token,
        is_departed,
        dense_rank() over (order by cohort, {{ class | join(", ") }}) as class_number,
        count(*) over class as members,
        count(*) filter (where is_departed) over class as departed
    from (
        select
            members.*,
            members.subject_token in (select departed.subject_token from departed) as is_departed
        from members
        -- on most nights few leave, and most classes need no counting
        where members.class_hash in (select departed.class_hash from departed)
    ) as affected
    window class as (partition by cohort, {{ class | join(", ") }})
),

ordered as (
    select
        subject_token,
        is_departed,
        class_number,
        members,
        case
            when members - greatest(departed, {{ var("k") }}) < {{ var("k") }} then members
            else greatest(departed, {{ var("k") }})
        end as leaving,
        row_number() over (
            partition by class_number
            order by is_departed desc, {{ keyed_token("subject_token", "withdrawal") }}
        ) as place
    from counted
    where departed > 0
)

select
    subject_token,
    class_number,
    is_departed,
    members - leaving as remaining
from ordered
where place <= leaving
{%- endif %}
