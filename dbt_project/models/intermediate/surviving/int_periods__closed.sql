-- Weeks, months and quarters before this day have ended, and their late rows have arrived: tonight they may be
-- released, once. A month of sign-ups is closed when the last of them had four weeks to order.
select
    closing.relation,
    date_trunc(
        closing.unit, ({{ night() }} - {{ var("late_days") }} - closing.days_after)::timestamp
    )::date as closed_until
from (
    values
    ('research_events', 'week', 0),
    ('research_survey_responses', 'quarter', 0),
    ('research_weekly_actives', 'week', 0),
    ('research_signup_funnel', 'month', 35),
    ('research_revenue', 'quarter', 0)
) as closing (relation, unit, days_after)
