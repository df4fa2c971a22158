{%- set base = release_base("research_users") -%}
-- Who was released in this token period stays as first released, until withdrawn; newcomers wait until k of them share
-- a class: no two releases of a period differ in a class by fewer than k subjects (int_members__departing).
with banded as (
    select
        {{ masked_columns("int_users__surviving", "research_and_development") }}
    from {{ ref("int_users__surviving") }}
),

classed as (
    select
        banded.*,
        {{ class_size(["country_code", "plan", "age_band", "is_marketing_opted_in"]) }} as class_size
    from banded
    where not exists (
        select 1 from {{ source("governance", "release_members") }} as member
        where member.subject_token = banded.subject_token
    )
),

-- rows lie as they are written, and analysts can see in which order: it must not be that in which people signed up
shuffled as (
    select
        subject_token,
        country_code,
        plan,
        age_band,
        is_marketing_opted_in
    from classed
    where class_size >= {{ var("k") }}
    order by subject_token collate "C"
)

select
    subject_token,
    country_code,
    plan,
    age_band,
    is_marketing_opted_in
from shuffled
{%- if base %}
union all
select
    base.subject_token,
    base.country_code,
    base.plan,
    base.age_band,
    base.is_marketing_opted_in
from {{ base }} as base
-- who is in the base joined with its publish, so who is no member any more was withdrawn: few, where members are many
where not exists (
    select 1 from {{ source("governance", "release_members") }} as member
    where member.subject_token = base.subject_token and member.withdrawn_on is not null
)
{%- endif %}
