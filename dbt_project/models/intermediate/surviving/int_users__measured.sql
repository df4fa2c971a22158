-- What could be released of every survivor, as it would be shown and exactly: the measures of research_users compare.
select
    country_code,
    plan,
    {{ masked_column("int_users__surviving", "research_and_development", "age_band") }} as age_band,
    is_marketing_opted_in,
    country_code as exact_country_code,
    plan as exact_plan,
    age_years as exact_age_band,
    is_marketing_opted_in as exact_is_marketing_opted_in
from {{ ref("int_users__surviving") }}
