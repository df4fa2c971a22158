-- One inference a user.
insert into raw.inferred_preferences (
    id, user_id, inferred_at, preference, value, confidence, model_version
)
select
    'inf-' || event.n as id,
    person.user_id,
    event.happened_at as inferred_at,
    case event.n % 2 when 0 then 'likely_next_plan' else 'preferred_channel' end as preference,
    case event.n % 2
        when 0 then pg_temp.skewed_of(event.n, 290, array['team', 'business', 'enterprise'], array[0, 0.6, 0.95])
        else pg_temp.skewed_of(event.n, 291, array['email', 'in_app', 'phone'], array[0, 0.6, 0.92])
    end as value,
    round((0.5 + pg_temp.draw(event.n, 292) / 2)::numeric, 3)::double precision as confidence,
    'preferences-3' as model_version
from pg_temp.events(293, pg_temp.user_count()) as event
inner join people as person on event.person_number = person.person_number;
