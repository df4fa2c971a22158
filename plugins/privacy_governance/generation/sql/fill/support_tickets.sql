-- Four tickets for ten users; half of them give a name or a number in the text.
insert into raw.support_tickets (
    id, user_id, opened_at, closed_at, channel, requester_email, subject, body, priority, satisfaction_rating
)
select
    'tkt-' || event.n as id,
    person.user_id,
    event.happened_at as opened_at,
    case
        when pg_temp.draw(event.n, 250) < 0.9 then event.happened_at + interval '4 days' * pg_temp.draw(event.n, 251)
    end as closed_at,
    pg_temp.skewed_of(event.n, 252, array['email', 'chat', 'web'], array[0, 0.6, 0.85]) as channel,
    person.email as requester_email,
    pg_temp.one_of(
        event.n, 253, array['Export is slow', 'Invoice question', 'Can not sign in', 'Wrong number on dashboard', 'Change my plan']
    ) as subject,
    pg_temp.one_of(
        event.n, 254,
        array[
            'Since yesterday the export takes an hour.', 'Please send the invoice again.', 'The reset mail does not arrive.',
            'The total differs from our own count.', 'We grew and need more seats.'
        ]
    )
    || case
        when pg_temp.draw(event.n, 255) < 0.2 then ' Call me at ' || person.phone || '. ' || person.first_name
        when pg_temp.draw(event.n, 255) < 0.5 then ' Regards, ' || person.first_name || ' ' || person.last_name
        else ''
    end as body,
    pg_temp.skewed_of(event.n, 256, array['low', 'normal', 'high'], array[0, 0.2, 0.9]) as priority,
    case when pg_temp.draw(event.n, 257) < 0.4 then 1 + floor(5 * sqrt(pg_temp.draw(event.n, 258)))::integer end
        as satisfaction_rating
from pg_temp.events(259, (pg_temp.user_count() * 4 + 9) / 10) as event
inner join people as person on event.person_number = person.person_number;
