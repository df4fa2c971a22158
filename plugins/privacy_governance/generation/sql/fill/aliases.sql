-- Every third user: the id of the browser becomes the id of the user.
insert into raw.aliases (
    id, received_at, sent_at, original_timestamp, "timestamp", user_id, anonymous_id, context_ip, context_user_agent, context_locale,
    context_timezone, context_library_name, context_library_version,
    previous_id, uuid_ts
)
select
    'als-' || pg_temp.digits(person.person_number, 220) as id,
    person.created_at + interval '0.9 seconds' as received_at,
    person.created_at + interval '0.4 seconds' as sent_at,
    person.created_at - interval '0.2 seconds' as original_timestamp,
    person.created_at as "timestamp",
    person.user_id as user_id,
    person.anonymous_id as anonymous_id,
    case when person.created_at >= pg_temp.as_of_day() - interval '90 days' then person.ip end as context_ip,
    person.user_agent as context_user_agent,
    person.locale as context_locale,
    person.timezone as context_timezone,
    'analytics.js' as context_library_name,
    '5.4.2' as context_library_version,
    person.anonymous_id as previous_id,
    person.created_at + interval '6 hours' as uuid_ts
from people as person
where pg_temp.draw(person.person_number, 222) < 0.33;
