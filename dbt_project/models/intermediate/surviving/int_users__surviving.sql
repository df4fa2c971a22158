-- Every column that a source declares, so that masking_rules decides about each: none is left out here in silence.
select
    subject.research_token as subject_token,
    account_user.user_id,
    account_user.received_at,
    account_user.created_at,
    account_user.email,
    account_user.phone,
    account_user.full_name,
    account_user.first_name,
    account_user.last_name,
    account_user.username,
    account_user.avatar_url,
    account_user.born_on,
    account_user.gender,
    account_user.description,
    account_user.website,
    account_user.job_title,
    account_user.company_id,
    account_user.company_name,
    account_user.company_industry,
    account_user.company_employee_count,
    account_user.plan,
    account_user.address_street,
    account_user.address_city,
    account_user.address_state,
    account_user.address_postal_code,
    account_user.country_code,
    account_user.reference_number,
    account_user.preferred_language,
    account_user.is_marketing_opted_in,
    account_user.marketing_opted_out_at,
    account_user.is_advertising_opted_in,
    account_user.campaign_name,
    account_user.ip_address,
    account_user.user_agent,
    account_user.locale,
    account_user.timezone,
    account_user.age_years as stated_age_years,
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
