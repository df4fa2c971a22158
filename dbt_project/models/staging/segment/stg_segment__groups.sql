with source as (
    {{ declared_rows('segment', 'groups') }}
)

select
    id as group_call_id,
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
    group_id as account_id,
    name as account_name,
    industry,
    employees as employee_count,
    plan,
    uuid_ts as loaded_at
from source
