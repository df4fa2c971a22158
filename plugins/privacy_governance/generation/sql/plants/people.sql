-- People beyond the users asked for, each a hard case, each named in raw._planted.
create temporary table planted_people on commit drop as
select
    person.*,
    '555' || lpad((row_number() over (order by person.user_id))::text, 2, '0') as suffix
from (
    values
    ('usr_planted_shared_a', 'Ada', 'Shared', 'ada.planted@example.com', 34, 'US', 'free', 2),
    ('usr_planted_shared_b', 'Ben', 'Shared', 'ben.planted@example.com', 36, 'US', 'free', 2),
    ('usr_planted_alias', 'Cleo', 'Alias', 'cleo.planted@example.com', 41, 'GB', 'team', 2),
    ('usr_planted_emails', 'Dora', 'Letters', 'dora.third.planted@example.com', 29, 'US', 'team', 2),
    ('usr_planted_late', 'Egon', 'Late', 'egon.planted@example.com', 52, 'DE', 'free', 2),
    ('usr_planted_duplicate', 'Fay', 'Double', 'fay.planted@example.com', 31, 'US', 'free', 2),
    ('usr_planted_expired', 'Gus', 'Gone', 'gus.planted@example.com', 47, 'FR', 'free', 3650),
    ('usr_planted_hold', 'Hana', 'Held', 'hana.planted@example.com', 38, 'US', 'business', 2),
    ('usr_planted_hold_ended', 'Ivo', 'Released', 'ivo.planted@example.com', 44, 'US', 'free', 2),
    ('usr_planted_child_9', 'Jo', 'Young', 'jo.planted@example.com', 9, 'US', 'free', 2),
    ('usr_planted_child_15', 'Kim', 'Young', 'kim.planted@example.com', 15, 'US', 'free', 2),
    ('usr_planted_turned_16', 'Lee', 'Sixteen', 'lee.planted@example.com', 16, 'US', 'free', 2),
    ('usr_planted_card', 'Mona', 'Card', 'mona.planted@example.com', 33, 'CA', 'team', 2),
    ('usr_planted_national_id', 'Nils', 'Number', 'nils.planted@example.com', 39, 'US', 'team', 2),
    ('usr_planted_unicode_cjk', '太郎', '山田', 'taro.planted@example.com', 30, 'JP', 'free', 2),
    ('usr_planted_unicode_rtl', 'محمد', 'الحداد', 'mohammed.planted@example.com', 35, 'GB', 'free', 2),
    -- the same letters as é and ñ, each as a letter and a combining mark
    ('usr_planted_unicode_nfd', U&'Rene\0301e', U&'Nun\0303ez', 'renee.planted@example.com', 28, 'ES', 'free', 2),
    ('usr_planted_unicode_quote', 'Sinéad', 'O''Brien; 🌱', 'sinead.planted@example.com', 45, 'GB', 'free', 2),
    ('usr_planted_future', 'Tom', 'Ahead', 'tom.planted@example.com', 50, 'US', 'free', 2),
    ('usr_planted_delete', 'Uma', 'Departing', 'uma.planted@example.com', 37, 'US', 'team', 2),
    ('usr_planted_delete_only', 'Vic', 'Departing', 'vic.planted@example.com', 42, 'DE', 'free', 2),
    ('usr_planted_unverified', 'Wim', 'Unproven', 'wim.planted@example.com', 55, 'US', 'free', 2),
    ('usr_planted_repeated', 'Xia', 'Twice', 'xia.planted@example.com', 26, 'US', 'free', 2),
    ('usr_planted_rare', 'Yrsa', 'Rare', 'yrsa.planted@example.com', 89, 'IS', 'enterprise', 2)
) as person (user_id, first_name, last_name, email, age, country, plan, last_seen_days_ago);

alter table planted_people add column anonymous_id text, add column birthday date, add column last_seen_at timestamptz;

update planted_people
set
    anonymous_id = case
        when user_id like 'usr_planted_shared_%' then '5ad0f1ce-0000-4000-8000-000000000001'
        else md5(user_id)::uuid::text
    end,
    -- two weeks into the year of that age, but for the one who turns 16 on the very night
    birthday = (
        pg_temp.as_of_day() - make_interval(years => age)
        - case when user_id = 'usr_planted_turned_16' then interval '0 days' else interval '14 days' end
    )::date,
    last_seen_at = pg_temp.as_of_day() - make_interval(days => last_seen_days_ago);

insert into raw.users (
    id, received_at, created_at, email, phone, name, first_name, last_name, username, birthday, age, gender, title, company_id,
    company_name, company_industry, company_employee_count, plan, address_street, address_city, address_state, address_postal_code,
    address_country, reference_number, preferred_language, marketing_opt_in, advertising_opt_in, context_ip, context_user_agent,
    context_locale, context_timezone, uuid_ts, favorite_team
)
select
    person.user_id as id,
    person.last_seen_at as received_at,
    person.last_seen_at - interval '300 days' as created_at,
    person.email,
    '+1415' || person.suffix || '73' as phone,
    person.first_name || ' ' || person.last_name as name,
    person.first_name,
    person.last_name,
    replace(person.user_id, 'usr_', '') as username,
    person.birthday,
    person.age,
    null as gender,
    'Analyst' as title,
    'acc_planted' as company_id,
    'Planted Cases 0' as company_name,
    'software' as company_industry,
    24 as company_employee_count,
    person.plan,
    person.suffix || ' Hard Case Road' as address_street,
    'Plantville' as address_city,
    'PV' as address_state,
    '00' || person.suffix as address_postal_code,
    person.country as address_country,
    case person.user_id when 'usr_planted_national_id' then '078-05-1120' else 'REF-PLANTED' || person.suffix end as reference_number,
    'en' as preferred_language,
    false as marketing_opt_in,
    false as advertising_opt_in,
    '203.0.113.' || right(person.suffix, 2)::integer as context_ip,
    'Mozilla/5.0 (Planted) Case/1.0' as context_user_agent,
    'en-US' as context_locale,
    'Etc/UTC' as context_timezone,
    person.last_seen_at + interval '6 hours' as uuid_ts,
    'Planted Rovers' as favorite_team
from planted_people as person;

insert into raw.accounts (id, received_at, created_at, name, industry, employees, plan, website, address_country, uuid_ts)
values (
    'acc_planted', pg_temp.as_of_day() - interval '2 days', pg_temp.as_of_day() - interval '400 days', 'Planted Cases 0', 'software',
    24, 'team', 'https://planted.example', 'US', pg_temp.as_of_day() - interval '2 days'
);

-- the user row of nobody: an application that sent an empty id
insert into raw.users (id, received_at, created_at, email, plan, address_country, uuid_ts)
values (
    '', pg_temp.as_of_day() - interval '3 days', pg_temp.as_of_day() - interval '3 days', 'nobody.planted@example.com', 'free', 'US',
    pg_temp.as_of_day() - interval '3 days'
);
