with source as (
    {{ declared_rows('segment', 'screens') }}
)

select
    id as screen_view_id,
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
    name as screen_name,
    context_app_name as app_name,
    context_app_version as app_version,
    nullif(context_device_id, '') as device_id,
    nullif(context_device_advertising_id, '') as advertising_id,
    context_device_ad_tracking_enabled as is_ad_tracking_enabled,
    context_device_manufacturer as device_manufacturer,
    context_device_model as device_model,
    context_os_name as os_name,
    context_os_version as os_version,
    context_network_carrier as network_carrier,
    uuid_ts as loaded_at
from source
