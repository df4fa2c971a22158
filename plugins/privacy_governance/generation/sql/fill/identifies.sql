-- Two identify calls a user: at sign-up, on the free plan and without a title, and when last seen.
insert into raw.identifies (
    id, received_at, sent_at, original_timestamp, "timestamp", user_id, anonymous_id, context_ip, context_user_agent, context_locale,
    context_timezone, context_library_name, context_library_version,
    email, phone, name, first_name, last_name, birthday, gender, title, company_name, company_industry, plan, address_street,
    address_city, address_state, address_postal_code, address_country, reference_number, marketing_opt_in, uuid_ts
)
select
    'idf-' || pg_temp.digits(person.person_number * 2 + call.call_number, 200) as id,
    call.called_at + interval '0.9 seconds' as received_at,
    call.called_at + interval '0.4 seconds' as sent_at,
    call.called_at - interval '0.2 seconds' as original_timestamp,
    call.called_at as "timestamp",
    person.user_id as user_id,
    case when pg_temp.draw(person.person_number * 2 + call.call_number, 201) < 0.8 then person.anonymous_id else person.second_anonymous_id end as anonymous_id,
    case when call.called_at >= pg_temp.as_of_day() - interval '90 days' then person.ip end as context_ip,
    person.user_agent as context_user_agent,
    person.locale as context_locale,
    person.timezone as context_timezone,
    'analytics.js' as context_library_name,
    '5.4.2' as context_library_version,
    person.email,
    person.phone,
    person.first_name || ' ' || person.last_name as name,
    person.first_name,
    person.last_name,
    person.birthday,
    person.gender,
    case when call.call_number = 1 then person.title end as title,
    company.company_name,
    company.industry as company_industry,
    case when call.call_number = 1 then person.plan else 'free' end as plan,
    person.street as address_street,
    person.city as address_city,
    person.state as address_state,
    left(person.postal_code, case when call.called_at >= pg_temp.as_of_day() - interval '12 months' then 5 else 3 end)
        as address_postal_code,
    person.country as address_country,
    person.reference_number,
    person.marketing_opt_in,
    call.called_at + interval '6 hours' as uuid_ts
from people as person
inner join companies as company on person.company_number = company.company_number
cross join lateral (values (0, person.created_at), (1, person.last_seen_at)) as call (call_number, called_at);
