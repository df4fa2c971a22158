-- Weeks and quarters before this day have ended, and their late rows have arrived: tonight they may be released, once.
select
    'research_events' as relation,
    date_trunc('week', ({{ night() }} - {{ var("late_days") }})::timestamp)::date as closed_until
union all
select
    'research_survey_responses' as relation,
    date_trunc('quarter', ({{ night() }} - {{ var("late_days") }})::timestamp)::date as closed_until
