with source as (
    {{ declared_rows('segment', 'identifies') }}
)

select
    id as identify_id,
    received_at,
    sent_at,
    original_timestamp as recorded_at,
    "timestamp" as occurred_at,
    nullif(user_id, '') as user_id,
    nullif(anonymous_id, '') as anonymous_id,
    context_ip as ip_address,
    context_user_agent as user_agent,
    context_locale as locale,
    context_timezone as timezone,
    context_library_name as library_name,
    context_library_version as library_version,
    {{ comparable_identifier("email", "email") }} as email,
    nullif(phone, '') as phone,
    name as full_name,
    first_name,
    last_name,
    birthday as born_on,
    gender,
    title as job_title,
    company_name,
    company_industry,
    plan,
    address_street,
    address_city,
    address_state,
    address_postal_code,
    address_country as country_code,
    reference_number,
    marketing_opt_in as is_marketing_opted_in,
    uuid_ts as loaded_at
from source
