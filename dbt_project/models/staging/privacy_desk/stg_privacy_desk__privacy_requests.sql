with source as (
    {{ declared_rows('privacy_desk', 'privacy_requests') }}
)

-- identifiers as they are compared: blanks name nobody, an address has no capitals, a number is its last ten digits
select
    request_id,
    received_at,
    upper(regulation_type) as regulation_type,
    case when user_id ~ '\S' then user_id end as user_id,
    {{ comparable_identifier("email", "email") }} as email,
    case when anonymous_id ~ '\S' then anonymous_id end as anonymous_id,
    nullif(right(regexp_replace(phone, '\D', '', 'g'), 10), '') as phone,
    case when device_id ~ '\S' then device_id end as device_id,
    nullif(trim(customer), '') as customer,
    residency,
    confirmed_at,
    verified_at,
    nullif(trim(verified_by), '') as verified_by,
    verification_method,
    nullif(trim(agent_proof), '') as agent_proof,
    nullif(lower(trim(channel)), '') as channel,
    status as request_status
from source
