with source as (
    {{ declared_rows('segment', 'pages') }}
)

select
    id as page_view_id,
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
    name as page_name,
    path as page_path,
    referrer,
    search,
    title as page_title,
    url as page_url,
    context_campaign_name as campaign_name,
    context_campaign_source as campaign_source,
    context_campaign_medium as campaign_medium,
    uuid_ts as loaded_at
from source
