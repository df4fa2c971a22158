select
    subject.research_token as subject_token,
    account_user.country_code,
    account_user.plan,
    account_user.company_industry,
    account_user.is_marketing_opted_in,
    extract(year from account_user.created_at at time zone 'UTC')::int as signed_up_year,
    extract(year from age({{ night() }}, account_user.born_on))::int as age_years
from {{ ref("stg_segment__users") }} as account_user
inner join {{ ref("int_subjects__surviving") }} as subject on account_user.user_id = subject.subject_id
where
    -- Notice, "Children": nothing is done with the data of a person under 16 but to delete it
    (
        account_user.born_on is null
        or account_user.born_on <= {{ night() }} - interval '16 years'
    )
    -- what tonight's purge takes is gone already, and what only a hold keeps is not for research
    and coalesce(account_user.received_at >= {{ retention_cutoff("raw.users") }}, true)
