-- Three uses of a feature a user.
insert into raw.feature_used (
    id, received_at, sent_at, original_timestamp, "timestamp", user_id, anonymous_id, context_ip, context_user_agent, context_locale,
    context_timezone, context_library_name, context_library_version,
    event, event_text, feature_name, surface, duration_seconds, uuid_ts
)
select
    'ftr-' || pg_temp.digits(event.n, 180) as id,
    event.happened_at + interval '0.9 seconds' as received_at,
    event.happened_at + interval '0.4 seconds' as sent_at,
    event.happened_at - interval '0.2 seconds' as original_timestamp,
    event.happened_at as "timestamp",
    person.user_id as user_id,
    case when pg_temp.draw(event.n, 181) < 0.8 then person.anonymous_id else person.second_anonymous_id end as anonymous_id,
    case when event.happened_at >= pg_temp.as_of_day() - interval '90 days' then person.ip end as context_ip,
    person.user_agent as context_user_agent,
    person.locale as context_locale,
    person.timezone as context_timezone,
    'analytics.js' as context_library_name,
    '5.4.2' as context_library_version,
    'feature_used' as event,
    'Feature Used' as event_text,
    pg_temp.skewed_of(
        event.n, 183, array['dashboard', 'export', 'alerts', 'audiences', 'api_keys', 'audit_trail'],
        array[0, 0.4, 0.65, 0.82, 0.93, 0.995]
    ) as feature_name,
    pg_temp.skewed_of(event.n, 184, array['web', 'mobile', 'api'], array[0, 0.7, 0.92]) as surface,
    (3 * power(10, 3 * pg_temp.draw(event.n, 185)))::integer as duration_seconds,
    event.happened_at + interval '6 hours' as uuid_ts
from pg_temp.events(182, pg_temp.user_count() * 3) as event
inner join people as person on event.person_number = person.person_number;
