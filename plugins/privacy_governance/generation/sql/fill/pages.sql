-- Six page views a user; 2 % before sign-in.
insert into raw.pages (
    id, received_at, sent_at, original_timestamp, "timestamp", user_id, anonymous_id, context_ip, context_user_agent, context_locale,
    context_timezone, context_library_name, context_library_version,
    name, path, referrer, search, title, url, context_campaign_name, context_campaign_source, context_campaign_medium, uuid_ts
)
select
    'page-' || pg_temp.digits(event.n, 100) as id,
    event.happened_at + interval '0.9 seconds' as received_at,
    event.happened_at + interval '0.4 seconds' as sent_at,
    event.happened_at - interval '0.2 seconds' as original_timestamp,
    event.happened_at as "timestamp",
    case when pg_temp.draw(event.n, 102) >= 0.02 then person.user_id end as user_id,
    case when pg_temp.draw(event.n, 101) < 0.8 then person.anonymous_id else person.second_anonymous_id end as anonymous_id,
    case when event.happened_at >= pg_temp.as_of_day() - interval '90 days' then person.ip end as context_ip,
    person.user_agent as context_user_agent,
    person.locale as context_locale,
    person.timezone as context_timezone,
    'analytics.js' as context_library_name,
    '5.4.2' as context_library_version,
    event.name,
    event.path,
    pg_temp.skewed_of(
        event.n, 104, array[null, 'https://www.example.com/', 'https://search.example/', 'https://news.example/'],
        array[0, 0.3, 0.8, 0.97]
    ) as referrer,
    pg_temp.skewed_of(event.n, 105, array['', '?ref=mail', '?tab=2'], array[0, 0.9, 0.96]) as search,
    event.name || ' | Example' as title,
    'https://app.example.com' || event.path as url,
    pg_temp.skewed_of(event.n, 106, array[null, 'spring_launch', 'webinar_privacy'], array[0, 0.8, 0.93]) as context_campaign_name,
    pg_temp.skewed_of(event.n, 106, array[null, 'newsletter', 'search'], array[0, 0.8, 0.93]) as context_campaign_source,
    pg_temp.skewed_of(event.n, 106, array[null, 'email', 'cpc'], array[0, 0.8, 0.93]) as context_campaign_medium,
    event.happened_at + interval '6 hours' as uuid_ts
from (
    -- `offset 0`: the page is drawn once, not wherever a column names it
    select
        drawn.*,
        (array['Home', 'Dashboard', 'Reports', 'Settings', 'Pricing', 'Help', 'Security'])[drawn.page_index] as name,
        (array['/', '/dashboard', '/reports', '/settings', '/pricing', '/help', '/legal/security'])[drawn.page_index] as path
    from (
        select
            visit.*,
            width_bucket(
                pg_temp.draw(visit.n, 103), array[0, 0.33, 0.61, 0.77, 0.88, 0.95, 0.995]::double precision[]
            ) as page_index
        from pg_temp.events(1010, pg_temp.user_count() * 6) as visit
        offset 0
    ) as drawn
    offset 0
) as event
inner join people as person on event.person_number = person.person_number;
