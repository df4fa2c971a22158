-- Calls of the planted people: one recent call each, and those that make the case.
create temporary table planted_calls on commit drop as
select
    replace(person.user_id, 'usr_', '') || '-1' as call_name,
    person.user_id,
    person.anonymous_id,
    person.last_seen_at as happened_at,
    person.last_seen_at + interval '1 second' as received_at
from planted_people as person
union all
-- pages.received_at long after the view: written before the request, received after it
select 'planted_delete-late', user_id, anonymous_id, pg_temp.as_of_day() - interval '50 days', pg_temp.as_of_day() - interval '1 day'
from planted_people where user_id = 'usr_planted_delete'
union all
select 'planted_late-late', user_id, anonymous_id, pg_temp.as_of_day() - interval '45 days', pg_temp.as_of_day() - interval '1 day'
from planted_people where user_id = 'usr_planted_late'
union all
select 'planted_duplicate-twice', user_id, anonymous_id, pg_temp.as_of_day() - interval '9 days', pg_temp.as_of_day() - interval '9 days'
from planted_people cross join generate_series(1, 2) where user_id = 'usr_planted_duplicate'
union all
-- its address is past its period, the view itself is not
select 'planted_duplicate-address', user_id, anonymous_id, pg_temp.as_of_day() - interval '200 days', pg_temp.as_of_day() - interval '200 days'
from planted_people where user_id = 'usr_planted_duplicate'
union all
select 'planted_hold-old', user_id, anonymous_id, pg_temp.as_of_day() - interval '10 years', pg_temp.as_of_day() - interval '10 years'
from planted_people where user_id = 'usr_planted_hold'
union all
-- somebody who left an address, and never signed in
select
    'planted_visitor-old', null, md5('planted visitor')::uuid::text,
    pg_temp.as_of_day() - interval '10 years', pg_temp.as_of_day() - interval '10 years'
union all
-- a clock that runs years ahead, and a pipeline whose own clock did
select 'planted_future-2099', user_id, anonymous_id, timestamptz '2099-12-31 23:59:59+00', pg_temp.as_of_day() - interval '2 days'
from planted_people where user_id = 'usr_planted_future'
union all
select
    'planted_future-received', user_id, anonymous_id, pg_temp.as_of_day() + interval '400 days', pg_temp.as_of_day() + interval '400 days'
from planted_people where user_id = 'usr_planted_future'
union all
select
    'planted_nobody-' || nobody.case_name, nobody.user_id, nobody.anonymous_id,
    pg_temp.as_of_day() - interval '4 days', pg_temp.as_of_day() - interval '4 days'
from (
    values ('null', null, null), ('empty', '', ''), ('null_user', null, '5ad0f1ce-0000-4000-8000-000000000001'), ('blank', '   ', null)
) as nobody (case_name, user_id, anonymous_id)
union all
select 'planted_alias-' || former.id_name, former.user_id, former.anonymous_id,
    pg_temp.as_of_day() - interval '100 days', pg_temp.as_of_day() - interval '100 days'
from (
    values ('old', 'usr_planted_alias_old', md5('usr_planted_alias')::uuid::text),
    ('older', 'usr_planted_alias_older', md5('usr_planted_alias')::uuid::text),
    ('anonymous', null, md5('usr_planted_alias')::uuid::text)
) as former (id_name, user_id, anonymous_id);

insert into raw.pages (
    id, received_at, sent_at, original_timestamp, "timestamp", user_id, anonymous_id, context_ip, context_user_agent, context_locale,
    context_timezone, context_library_name, context_library_version,
    name, path, referrer, search, title, url, uuid_ts
)
select
    'page-' || call.call_name as id,
    call.received_at,
    call.happened_at as sent_at,
    call.happened_at as original_timestamp,
    call.happened_at as "timestamp",
    call.user_id,
    call.anonymous_id,
    '203.0.113.200' as context_ip,
    'Mozilla/5.0 (Planted) Case/1.0' as context_user_agent,
    'en-US' as context_locale,
    'Etc/UTC' as context_timezone,
    'analytics.js' as context_library_name,
    '5.4.2' as context_library_version,
    'Dashboard' as name,
    '/dashboard' as path,
    null as referrer,
    '' as search,
    'Dashboard | Example' as title,
    'https://app.example.com/dashboard' as url,
    call.received_at as uuid_ts
from planted_calls as call;

insert into raw.feature_used (
    id, received_at, sent_at, original_timestamp, "timestamp", user_id, anonymous_id, context_ip, context_user_agent, context_locale,
    context_timezone, context_library_name, context_library_version,
    event, event_text, feature_name, surface, duration_seconds, uuid_ts
)
select
    'ftr-' || call.call_name as id,
    call.received_at,
    call.happened_at as sent_at,
    call.happened_at as original_timestamp,
    call.happened_at as "timestamp",
    call.user_id,
    call.anonymous_id,
    '203.0.113.200' as context_ip,
    'Mozilla/5.0 (Planted) Case/1.0' as context_user_agent,
    'en-US' as context_locale,
    'Etc/UTC' as context_timezone,
    'analytics.js' as context_library_name,
    '5.4.2' as context_library_version,
    'feature_used' as event,
    'Feature Used' as event_text,
    'export' as feature_name,
    'web' as surface,
    30 as duration_seconds,
    call.received_at as uuid_ts
from planted_calls as call
where call.call_name like '%-1' or call.call_name in ('planted_duplicate-twice', 'planted_hold-old');

insert into raw.signed_up (
    id, received_at, sent_at, original_timestamp, "timestamp", user_id, anonymous_id, context_ip, context_user_agent, context_locale,
    context_timezone, context_library_name, context_library_version,
    event, event_text, plan, signup_method, uuid_ts
)
select
    'sgn-' || call.call_name as id,
    call.received_at,
    call.happened_at as sent_at,
    call.happened_at as original_timestamp,
    call.happened_at as "timestamp",
    call.user_id,
    call.anonymous_id,
    '203.0.113.200' as context_ip,
    'Mozilla/5.0 (Planted) Case/1.0' as context_user_agent,
    'en-US' as context_locale,
    'Etc/UTC' as context_timezone,
    'analytics.js' as context_library_name,
    '5.4.2' as context_library_version,
    'signed_up' as event,
    'Signed Up' as event_text,
    'free' as plan,
    'email' as signup_method,
    call.received_at as uuid_ts
from planted_calls as call
where call.call_name = 'planted_delete-1';

insert into raw.order_completed (
    id, received_at, sent_at, original_timestamp, "timestamp", user_id, anonymous_id, context_ip, context_user_agent, context_locale,
    context_timezone, context_library_name, context_library_version,
    event, event_text, order_id, product_name, category, quantity, revenue, currency, uuid_ts
)
select
    'ord-' || call.call_name as id,
    call.received_at,
    call.happened_at as sent_at,
    call.happened_at as original_timestamp,
    call.happened_at as "timestamp",
    call.user_id,
    call.anonymous_id,
    '203.0.113.200' as context_ip,
    'Mozilla/5.0 (Planted) Case/1.0' as context_user_agent,
    'en-US' as context_locale,
    'Etc/UTC' as context_timezone,
    'analytics.js' as context_library_name,
    '5.4.2' as context_library_version,
    'order_completed' as event,
    'Order Completed' as event_text,
    'order-planted_delete' as order_id,
    'Seat' as product_name,
    'subscription' as category,
    1 as quantity,
    12.50 as revenue,
    'USD' as currency,
    call.received_at as uuid_ts
from planted_calls as call
where call.call_name = 'planted_delete-1';

insert into raw.screens (
    id, received_at, sent_at, original_timestamp, "timestamp", user_id, anonymous_id, context_ip, context_user_agent, context_locale,
    context_timezone, context_library_name, context_library_version,
    name, context_app_name, context_app_version, context_device_id, context_device_advertising_id,
    context_device_ad_tracking_enabled, uuid_ts
)
select
    'scr-' || call.call_name as id,
    call.received_at,
    call.happened_at as sent_at,
    call.happened_at as original_timestamp,
    call.happened_at as "timestamp",
    call.user_id,
    call.anonymous_id,
    '203.0.113.200' as context_ip,
    'Mozilla/5.0 (Planted) Case/1.0' as context_user_agent,
    'en-US' as context_locale,
    'Etc/UTC' as context_timezone,
    'analytics.js' as context_library_name,
    '5.4.2' as context_library_version,
    'Home' as name,
    'Example' as context_app_name,
    '7.2.0' as context_app_version,
    md5('device of ' || call.user_id)::uuid::text as context_device_id,
    md5('advertising id of ' || call.user_id)::uuid::text as context_device_advertising_id,
    true as context_device_ad_tracking_enabled,
    call.received_at as uuid_ts
from planted_calls as call
where call.call_name in ('planted_delete-1', 'planted_shared_a-1', 'planted_shared_b-1');

insert into raw.groups (
    id, received_at, sent_at, original_timestamp, "timestamp", user_id, anonymous_id, context_ip, context_user_agent, context_locale,
    context_timezone, context_library_name, context_library_version,
    group_id, name, industry, employees, plan, uuid_ts
)
select
    'grp-' || call.call_name as id,
    call.received_at,
    call.happened_at as sent_at,
    call.happened_at as original_timestamp,
    call.happened_at as "timestamp",
    call.user_id,
    call.anonymous_id,
    '203.0.113.200' as context_ip,
    'Mozilla/5.0 (Planted) Case/1.0' as context_user_agent,
    'en-US' as context_locale,
    'Etc/UTC' as context_timezone,
    'analytics.js' as context_library_name,
    '5.4.2' as context_library_version,
    'acc_planted' as group_id,
    'Planted Cases 0' as name,
    'software' as industry,
    24 as employees,
    'team' as plan,
    call.received_at as uuid_ts
from planted_calls as call
where call.call_name like '%-1';

insert into raw.identifies (
    id, received_at, sent_at, original_timestamp, "timestamp", user_id, anonymous_id, context_ip, context_user_agent, context_locale,
    context_timezone, context_library_name, context_library_version,
    email, phone, name, first_name, last_name, birthday, title, company_name, company_industry, plan, address_street, address_city,
    address_state, address_postal_code, address_country, reference_number, marketing_opt_in, uuid_ts
)
select
    'idf-' || call.call_name || coalesce('-' || left(lower(former.email), 8), '') as id,
    call.received_at,
    call.happened_at as sent_at,
    call.happened_at as original_timestamp,
    call.happened_at as "timestamp",
    call.user_id,
    call.anonymous_id,
    '203.0.113.200' as context_ip,
    'Mozilla/5.0 (Planted) Case/1.0' as context_user_agent,
    'en-US' as context_locale,
    'Etc/UTC' as context_timezone,
    'analytics.js' as context_library_name,
    '5.4.2' as context_library_version,
    coalesce(former.email, person.email) as email,
    person.phone,
    person.name,
    person.first_name,
    person.last_name,
    person.birthday,
    person.title,
    person.company_name,
    person.company_industry,
    person.plan,
    person.address_street,
    person.address_city,
    person.address_state,
    person.address_postal_code,
    person.address_country,
    person.reference_number,
    person.marketing_opt_in,
    call.received_at as uuid_ts
from planted_calls as call
inner join raw.users as person on call.user_id = person.id
left join (
    values ('usr_planted_emails', 'dora.first.planted@example.com'), ('usr_planted_emails', 'Dora.Second.Planted@Example.com'),
    ('usr_planted_emails', null)
) as former (user_id, email) on call.user_id = former.user_id
where call.call_name like '%-1';

insert into raw.identifies (id, received_at, sent_at, original_timestamp, "timestamp", anonymous_id, email, uuid_ts)
select
    'idf-' || call.call_name as id,
    call.received_at,
    call.happened_at as sent_at,
    call.happened_at as original_timestamp,
    call.happened_at as "timestamp",
    call.anonymous_id,
    'lou.planted@example.com' as email,
    call.received_at as uuid_ts
from planted_calls as call
where call.call_name = 'planted_visitor-old';

-- an id is given to a browser, renamed, renamed again: only the last one is in the request
insert into raw.aliases (
    id, received_at, sent_at, original_timestamp, "timestamp", user_id, anonymous_id, context_ip, context_user_agent, context_locale,
    context_timezone, context_library_name, context_library_version,
    previous_id, uuid_ts
)
select
    'als-' || call.call_name as id,
    call.received_at,
    call.happened_at as sent_at,
    call.happened_at as original_timestamp,
    call.happened_at as "timestamp",
    call.user_id,
    call.anonymous_id,
    '203.0.113.200' as context_ip,
    'Mozilla/5.0 (Planted) Case/1.0' as context_user_agent,
    'en-US' as context_locale,
    'Etc/UTC' as context_timezone,
    'analytics.js' as context_library_name,
    '5.4.2' as context_library_version,
    link.previous_id,
    call.received_at as uuid_ts
from (
    values
    ('planted_alias-older', md5('usr_planted_alias')::uuid::text), ('planted_alias-old', 'usr_planted_alias_older'),
    ('planted_alias-1', 'usr_planted_alias_old'), ('planted_delete-1', md5('usr_planted_delete')::uuid::text)
) as link (call_name, previous_id)
inner join planted_calls as call on link.call_name = call.call_name;

insert into raw.tracks (
    id, received_at, sent_at, original_timestamp, "timestamp", user_id, anonymous_id, context_ip, context_user_agent, context_locale,
    context_timezone, context_library_name, context_library_version,
    event, event_text, uuid_ts
)
select
    id, received_at, sent_at, original_timestamp, "timestamp", user_id, anonymous_id, context_ip, context_user_agent, context_locale,
    context_timezone, context_library_name, context_library_version, event, event_text, uuid_ts
from raw.feature_used
where id like 'ftr-planted%'
union all
select
    id, received_at, sent_at, original_timestamp, "timestamp", user_id, anonymous_id, context_ip, context_user_agent, context_locale,
    context_timezone, context_library_name, context_library_version, event, event_text, uuid_ts
from raw.signed_up
where id like 'sgn-planted%'
union all
select
    id, received_at, sent_at, original_timestamp, "timestamp", user_id, anonymous_id, context_ip, context_user_agent, context_locale,
    context_timezone, context_library_name, context_library_version, event, event_text, uuid_ts
from raw.order_completed
where id like 'ord-planted%';

-- what a mail service reports of its own: it loads no table an event
insert into raw.tracks (id, received_at, sent_at, original_timestamp, "timestamp", user_id, event, event_text, uuid_ts)
select
    'trk-planted_opted_out-' || mail.mail_name as id,
    pg_temp.as_of_day() - make_interval(days => mail.days_ago) as received_at,
    pg_temp.as_of_day() - make_interval(days => mail.days_ago) as sent_at,
    pg_temp.as_of_day() - make_interval(days => mail.days_ago) as original_timestamp,
    pg_temp.as_of_day() - make_interval(days => mail.days_ago) as "timestamp",
    'usr_planted_national_id' as user_id,
    mail.event,
    initcap(replace(mail.event, '_', ' ')) as event_text,
    pg_temp.as_of_day() - make_interval(days => mail.days_ago) + interval '6 hours' as uuid_ts
from (
    values
    ('before', 'marketing_email_sent', 40),
    ('after', 'marketing_email_sent', 4),
    ('service', 'service_email_sent', 3)
) as mail (mail_name, event, days_ago);

update raw.users
set marketing_opt_out_at = pg_temp.as_of_day() - interval '30 days'
where id = 'usr_planted_national_id';
