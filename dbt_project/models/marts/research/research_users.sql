with banded as (
    select
        subject_token,
        country_code,
        plan,
        is_marketing_opted_in,
        case
            when age_years is null then 'unknown'
            when age_years < 25 then '16-24'
            when age_years < 35 then '25-34'
            when age_years < 45 then '35-44'
            when age_years < 55 then '45-54'
            else '55 and over'
        end as age_band
    from {{ ref("int_users__surviving") }}
),

classed as (
    select
        *,
        {{ class_size(["country_code", "plan", "age_band", "is_marketing_opted_in"]) }} as class_size
    from banded
)

select
    subject_token,
    country_code,
    plan,
    age_band,
    is_marketing_opted_in
from classed
where class_size >= {{ var("k") }}
