-- Two recorded calls for ten users.
insert into raw.call_recordings (
    id, user_id, started_at, duration_seconds, direction, phone_number, recording_url, transcript, consented_at
)
select
    'rec-' || event.n as id,
    person.user_id,
    event.happened_at as started_at,
    (20 * power(10, 2 * pg_temp.draw(event.n, 270)))::integer as duration_seconds,
    pg_temp.skewed_of(event.n, 271, array['inbound', 'outbound'], array[0, 0.7]) as direction,
    person.phone as phone_number,
    'https://recordings.example/' || pg_temp.digits(event.n, 272) || '.ogg' as recording_url,
    'Agent: Good day. Caller: This is ' || person.first_name || ' ' || person.last_name || ', '
    || pg_temp.one_of(event.n, 273, array['about my invoice.', 'about the outage.', 'I would like a demonstration.']) as transcript,
    event.happened_at - interval '10 seconds' as consented_at
from pg_temp.events(274, (pg_temp.user_count() * 2 + 9) / 10) as event
inner join people as person on event.person_number = person.person_number;
