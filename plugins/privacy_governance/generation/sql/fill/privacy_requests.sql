-- One user in a hundred asks for deletion, three at least; four in five are verified.
insert into raw.privacy_requests (
    request_id, received_at, regulation_type, user_id, email, residency, confirmed_at, verified_at, verified_by,
    verification_method, agent_proof, channel, status
)
select
    'req-' || request.n as request_id,
    request.received_at,
    pg_temp.skewed_of(request.n, 300, array['SUPPRESS_WITH_DELETE', 'DELETE_ONLY'], array[0, 0.7]) as regulation_type,
    person.user_id,
    person.email,
    case when person.country = 'US' then 'US-CA' else person.country end as residency,
    request.received_at + interval '1 day' as confirmed_at,
    case when request.n % 5 != 3 then request.received_at + interval '2 days' end as verified_at,
    case when request.n % 5 != 3 then 'privacy_desk' end as verified_by,
    case when request.n % 5 != 3 then 'email_link' end as verification_method,
    case when request.channel = 'agent' then 'authority-' || request.n end as agent_proof,
    request.channel,
    case when request.n % 5 != 3 then 'verified' else 'received' end as status
from (
    select
        series.n,
        pg_temp.skewed_of(
            series.n, 301, array['web_form', 'email', 'phone', 'agent'], array[0, 0.7, 0.9, 0.96]
        ) as channel,
        pg_temp.as_of_day() - interval '3 days' - interval '37 days' * pg_temp.draw(series.n, 302) as received_at,
        -- spread evenly, so that nobody asks twice
        1 + floor((series.n - 0.5) * pg_temp.user_count() / wanted.requests)::bigint as person_number
    from (select greatest(3, pg_temp.user_count() / 100) as requests) as wanted
    cross join lateral generate_series(1, wanted.requests) as series (n)
) as request
inner join people as person on request.person_number = person.person_number;
