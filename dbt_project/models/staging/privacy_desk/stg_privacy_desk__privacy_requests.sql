with source as (
    {{ declared_rows('privacy_desk', 'privacy_requests') }}
)

select
    request_id,
    received_at,
    regulation_type,
    nullif(user_id, '') as user_id,
    nullif(lower(trim(email)), '') as email,
    verified_at,
    verified_by,
    channel,
    status as request_status
from source
