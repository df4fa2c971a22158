-- What could be released of every survivor, as it would be shown and exactly: the measures of research_users compare.
select
    country_code,
    plan,
    case
        when age_years is null then 'unknown'
        when age_years < 25 then '16-24'
        when age_years < 35 then '25-34'
        when age_years < 45 then '35-44'
        when age_years < 55 then '45-54'
        else '55 and over'
    end as age_band,
    is_marketing_opted_in,
    country_code as exact_country_code,
    plan as exact_plan,
    age_years as exact_age_band,
    is_marketing_opted_in as exact_is_marketing_opted_in
from {{ ref("int_users__surviving") }}
