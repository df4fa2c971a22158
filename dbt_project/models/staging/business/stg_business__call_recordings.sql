with source as (
    {{ declared_rows('business', 'call_recordings') }}
)

select
    id as recording_id,
    nullif(user_id, '') as user_id,
    started_at,
    duration_seconds,
    direction,
    nullif(phone_number, '') as phone,
    recording_url,
    transcript,
    consented_at
from source
