-- One order a user; raw.payments pays them.
insert into raw.order_completed (
    id, received_at, sent_at, original_timestamp, "timestamp", user_id, anonymous_id, context_ip, context_user_agent, context_locale,
    context_timezone, context_library_name, context_library_version,
    event, event_text, order_id, product_name, category, quantity, revenue, currency, coupon, uuid_ts
)
select
    'ord-' || pg_temp.digits(event.n, 160) as id,
    event.happened_at + interval '0.9 seconds' as received_at,
    event.happened_at + interval '0.4 seconds' as sent_at,
    event.happened_at - interval '0.2 seconds' as original_timestamp,
    event.happened_at as "timestamp",
    person.user_id as user_id,
    case when pg_temp.draw(event.n, 161) < 0.8 then person.anonymous_id else person.second_anonymous_id end as anonymous_id,
    case when event.happened_at >= pg_temp.as_of_day() - interval '90 days' then person.ip end as context_ip,
    person.user_agent as context_user_agent,
    person.locale as context_locale,
    person.timezone as context_timezone,
    'analytics-node' as context_library_name,
    '2.2.0' as context_library_version,
    'order_completed' as event,
    'Order Completed' as event_text,
    'order-' || event.n as order_id,
    pg_temp.skewed_of(event.n, 163, array['Seat', 'Add-on', 'Training', 'On-site week'], array[0, 0.6, 0.88, 0.99]) as product_name,
    pg_temp.skewed_of(event.n, 163, array['subscription', 'subscription', 'service', 'service'], array[0, 0.6, 0.88, 0.99]) as category,
    1 + floor(5 * power(pg_temp.draw(event.n, 164), 3))::integer as quantity,
    round((9 * power(10, 2.2 * power(pg_temp.draw(event.n, 165), 2)))::numeric, 2) as revenue,
    case person.country when 'US' then 'USD' when 'GB' then 'GBP' when 'JP' then 'JPY' else 'EUR' end as currency,
    case when pg_temp.draw(event.n, 166) < 0.1 then 'WELCOME10' end as coupon,
    event.happened_at + interval '6 hours' as uuid_ts
from pg_temp.events(162, pg_temp.user_count()) as event
inner join people as person on event.person_number = person.person_number;
