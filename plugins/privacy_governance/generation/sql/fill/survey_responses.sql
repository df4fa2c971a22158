-- Three answered surveys for ten users.
insert into raw.survey_responses (
    id, user_id, submitted_at, survey_name, score, answer
)
select
    'srv-' || event.n as id,
    person.user_id,
    event.happened_at as submitted_at,
    pg_temp.skewed_of(event.n, 280, array['nps', 'onboarding', 'churn'], array[0, 0.7, 0.95]) as survey_name,
    floor(11 * power(pg_temp.draw(event.n, 281), 0.5))::integer as score,
    pg_temp.one_of(
        event.n, 282, array['Saves us a day a week.', 'Too expensive for a small team.', null, 'The search could be better.', null]
    ) as answer
from pg_temp.events(283, (pg_temp.user_count() * 3 + 9) / 10) as event
inner join people as person on event.person_number = person.person_number;
