-- Two screen views a user in the mobile app.
insert into raw.screens (
    id, received_at, sent_at, original_timestamp, "timestamp", user_id, anonymous_id, context_ip, context_user_agent, context_locale,
    context_timezone, context_library_name, context_library_version,
    name, context_app_name, context_app_version, context_device_id, context_device_advertising_id,
    context_device_ad_tracking_enabled, context_device_manufacturer, context_device_model, context_os_name, context_os_version,
    context_network_carrier, uuid_ts
)
select
    'scr-' || pg_temp.digits(event.n, 120) as id,
    event.happened_at + interval '0.9 seconds' as received_at,
    event.happened_at + interval '0.4 seconds' as sent_at,
    event.happened_at - interval '0.2 seconds' as original_timestamp,
    event.happened_at as "timestamp",
    person.user_id as user_id,
    person.device_id as anonymous_id,
    case when event.happened_at >= pg_temp.as_of_day() - interval '90 days' then person.ip end as context_ip,
    person.user_agent as context_user_agent,
    person.locale as context_locale,
    person.timezone as context_timezone,
    'analytics-ios' as context_library_name,
    '4.1.8' as context_library_version,
    pg_temp.skewed_of(event.n, 123, array['Home', 'Inbox', 'Report', 'Profile'], array[0, 0.5, 0.75, 0.93]) as name,
    'Example' as context_app_name,
    pg_temp.skewed_of(event.n, 124, array['7.2.0', '7.1.4', '6.9.0'], array[0, 0.7, 0.95]) as context_app_version,
    person.device_id as context_device_id,
    case when person.advertising_opt_in then person.advertising_id end as context_device_advertising_id,
    person.advertising_opt_in as context_device_ad_tracking_enabled,
    'Apple' as context_device_manufacturer,
    pg_temp.skewed_of(person.person_number, 125, array['iPhone16,1', 'iPhone15,4', 'iPad14,8'], array[0, 0.55, 0.9])
        as context_device_model,
    'iOS' as context_os_name,
    pg_temp.skewed_of(person.person_number, 126, array['18.1', '17.7', '16.2'], array[0, 0.7, 0.95]) as context_os_version,
    pg_temp.one_of(person.person_number, 127, array['Carrier A', 'Carrier B', 'Carrier C']) as context_network_carrier,
    event.happened_at + interval '6 hours' as uuid_ts
from pg_temp.events(122, pg_temp.user_count() * 2) as event
inner join people as person on event.person_number = person.person_number;
