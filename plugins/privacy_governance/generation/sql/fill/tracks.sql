-- Every track call stands in its event's table and here.
insert into raw.tracks (
    id, received_at, sent_at, original_timestamp, "timestamp", user_id, anonymous_id, context_ip, context_user_agent, context_locale,
    context_timezone, context_library_name, context_library_version,
    event, event_text, uuid_ts
)
select
    id,
    received_at,
    sent_at,
    original_timestamp,
    "timestamp",
    user_id,
    anonymous_id,
    context_ip,
    context_user_agent,
    context_locale,
    context_timezone,
    context_library_name,
    context_library_version,
    event,
    event_text,
    uuid_ts
from raw.signed_up
union all
select
    id,
    received_at,
    sent_at,
    original_timestamp,
    "timestamp",
    user_id,
    anonymous_id,
    context_ip,
    context_user_agent,
    context_locale,
    context_timezone,
    context_library_name,
    context_library_version,
    event,
    event_text,
    uuid_ts
from raw.order_completed
union all
select
    id,
    received_at,
    sent_at,
    original_timestamp,
    "timestamp",
    user_id,
    anonymous_id,
    context_ip,
    context_user_agent,
    context_locale,
    context_timezone,
    context_library_name,
    context_library_version,
    event,
    event_text,
    uuid_ts
from raw.feature_used;
