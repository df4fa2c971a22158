-- One sign-up a user, at the moment the account was made.
insert into raw.signed_up (
    id, received_at, sent_at, original_timestamp, "timestamp", user_id, anonymous_id, context_ip, context_user_agent, context_locale,
    context_timezone, context_library_name, context_library_version,
    event, event_text, plan, signup_method, context_campaign_name, context_campaign_source, context_campaign_medium, uuid_ts
)
select
    'sgn-' || pg_temp.digits(person.person_number, 140) as id,
    person.created_at + interval '0.9 seconds' as received_at,
    person.created_at + interval '0.4 seconds' as sent_at,
    person.created_at - interval '0.2 seconds' as original_timestamp,
    person.created_at as "timestamp",
    person.user_id as user_id,
    case when pg_temp.draw(person.person_number, 141) < 0.8 then person.anonymous_id else person.second_anonymous_id end as anonymous_id,
    case when person.created_at >= pg_temp.as_of_day() - interval '90 days' then person.ip end as context_ip,
    person.user_agent as context_user_agent,
    person.locale as context_locale,
    person.timezone as context_timezone,
    'analytics.js' as context_library_name,
    '5.4.2' as context_library_version,
    'signed_up' as event,
    'Signed Up' as event_text,
    person.plan,
    pg_temp.skewed_of(person.person_number, 142, array['email', 'sso', 'invite'], array[0, 0.6, 0.85]) as signup_method,
    person.campaign_name as context_campaign_name,
    case when person.campaign_name is not null then 'newsletter' end as context_campaign_source,
    case when person.campaign_name is not null then 'email' end as context_campaign_medium,
    person.created_at + interval '6 hours' as uuid_ts
from people as person;
