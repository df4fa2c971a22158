-- One user in five hundred is under a hold.
insert into raw.legal_holds (hold_id, user_id, reason, placed_by, starts_on, ends_on)
select
    'hold-' || person.person_number as hold_id,
    person.user_id,
    'Preservation notice in a pending matter' as reason,
    'legal' as placed_by,
    (pg_temp.as_of_day() - interval '200 days')::date as starts_on,
    null as ends_on
from people as person
where pg_temp.draw(person.person_number, 310) < 0.002;
