-- The latest traits of every user.
insert into raw.users (
    id, received_at, created_at, email, phone, name, first_name, last_name, username, avatar, birthday, age, gender, description, website,
    title, company_id, company_name, company_industry, company_employee_count, plan, address_street, address_city, address_state,
    address_postal_code, address_country, reference_number, preferred_language, marketing_opt_in, marketing_opt_out_at,
    advertising_opt_in, context_campaign_name, context_ip, context_user_agent, context_locale, context_timezone, uuid_ts, favorite_team
)
select
    person.user_id as id,
    person.last_seen_at + interval '0.9 seconds' as received_at,
    person.created_at,
    person.email,
    person.phone,
    person.first_name || ' ' || person.last_name as name,
    person.first_name,
    person.last_name,
    person.username,
    'https://img.example/' || person.username || '.png' as avatar,
    person.birthday,
    person.age,
    person.gender,
    case
        when pg_temp.draw(person.person_number, 230) < 0.1
            then person.first_name || ', ' || lower(person.title) || ' from ' || person.city || '. Write to ' || person.email
    end as description,
    case when pg_temp.draw(person.person_number, 231) < 0.05 then 'https://' || person.username || '.example' end as website,
    person.title,
    company.company_id,
    company.company_name,
    company.industry as company_industry,
    company.employees as company_employee_count,
    person.plan,
    person.street as address_street,
    person.city as address_city,
    person.state as address_state,
    person.postal_code as address_postal_code,
    person.country as address_country,
    person.reference_number,
    left(person.locale, 2) as preferred_language,
    person.marketing_opt_in,
    case
        when not person.marketing_opt_in and pg_temp.draw(person.person_number, 232) < 0.4 then person.last_seen_at
    end as marketing_opt_out_at,
    person.advertising_opt_in,
    person.campaign_name as context_campaign_name,
    case when person.last_seen_at >= pg_temp.as_of_day() - interval '90 days' then person.ip end as context_ip,
    person.user_agent as context_user_agent,
    person.locale as context_locale,
    person.timezone as context_timezone,
    person.last_seen_at + interval '6 hours' as uuid_ts,
    case
        when pg_temp.draw(person.person_number, 233) < 0.2
            then pg_temp.one_of(person.person_number, 234, array['Rovers', 'Wanderers', 'Athletic'])
    end as favorite_team
from people as person
inner join companies as company on person.company_number = company.company_number;
