-- Who comes back: of the subjects first seen in a week, the share seen again one, four and twelve weeks later.
-- A week within the last twelve of the release has not had the time to come back: read its later shares as open.
with seen as (
    select distinct
        subject_token,
        occurred_week_on
    from research.research_events
),

first_seen as (
    select
        subject_token,
        min(occurred_week_on) as first_week_on
    from seen
    group by subject_token
)

select
    first_seen.first_week_on,
    count(distinct first_seen.subject_token) as subjects,
    round(
        avg((exists (
            select 1 from seen
            where
                seen.subject_token = first_seen.subject_token
                and seen.occurred_week_on = first_seen.first_week_on + 7
        ))::int),
        2
    ) as back_after_1,
    round(
        avg((exists (
            select 1 from seen
            where
                seen.subject_token = first_seen.subject_token
                and seen.occurred_week_on = first_seen.first_week_on + 28
        ))::int),
        2
    ) as back_after_4,
    round(
        avg((exists (
            select 1 from seen
            where
                seen.subject_token = first_seen.subject_token
                and seen.occurred_week_on = first_seen.first_week_on + 84
        ))::int),
        2
    ) as back_after_12
from first_seen
group by first_seen.first_week_on
order by first_seen.first_week_on
