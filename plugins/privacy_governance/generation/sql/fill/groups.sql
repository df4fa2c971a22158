-- One group call a user: the organisation they work for.
insert into raw.groups (
    id, received_at, sent_at, original_timestamp, "timestamp", user_id, anonymous_id, context_ip, context_user_agent, context_locale,
    context_timezone, context_library_name, context_library_version,
    group_id, name, industry, employees, plan, uuid_ts
)
select
    'grp-' || pg_temp.digits(person.person_number, 210) as id,
    person.last_seen_at + interval '0.9 seconds' as received_at,
    person.last_seen_at + interval '0.4 seconds' as sent_at,
    person.last_seen_at - interval '0.2 seconds' as original_timestamp,
    person.last_seen_at as "timestamp",
    person.user_id as user_id,
    case when pg_temp.draw(person.person_number, 211) < 0.8 then person.anonymous_id else person.second_anonymous_id end as anonymous_id,
    case when person.last_seen_at >= pg_temp.as_of_day() - interval '90 days' then person.ip end as context_ip,
    person.user_agent as context_user_agent,
    person.locale as context_locale,
    person.timezone as context_timezone,
    'analytics.js' as context_library_name,
    '5.4.2' as context_library_version,
    company.company_id as group_id,
    company.company_name as name,
    company.industry,
    company.employees,
    company.plan,
    person.last_seen_at + interval '6 hours' as uuid_ts
from people as person
inner join companies as company on person.company_number = company.company_number;
