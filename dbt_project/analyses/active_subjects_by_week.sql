-- How use goes: subjects who did anything, week by week, and how much each did.
-- A subject counts once a week, whatever they did; events that fewer than k subjects shared are not in the release.
select
    occurred_week_on,
    count(distinct subject_token) as active_subjects,
    sum(events) as events,
    round(sum(events) / count(distinct subject_token), 1) as events_per_subject
from research.research_events
group by occurred_week_on
order by occurred_week_on
