-- Who is active, by plan; the rows of a week add up to all of its active subjects.
select
    active_week_on,
    sum(active_subjects) as active_subjects,
    coalesce(sum(active_subjects) filter (where plan = 'free'), 0) as of_free,
    coalesce(sum(active_subjects) filter (where plan <> 'free'), 0) as of_other_plans
from research.research_weekly_actives
group by active_week_on
order by active_week_on
