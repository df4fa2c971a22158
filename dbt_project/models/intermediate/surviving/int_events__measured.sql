{%- set week = masked_column("int_events__surviving", "research_and_development", "occurred_week_on") -%}
-- What could be released of every survivor's closed weeks, as it would be shown and exactly: the first day in the week.
-- The measures of research_events compare; one row a subject, event and week, as there.
select
    event_name,
    {{ week }} as occurred_week_on,
    event_name as exact_event_name,
    min(received_at at time zone 'UTC')::date as exact_occurred_week_on
from {{ ref("int_events__surviving") }}
where
    received_at < {{ closed_until("research_events") }}::timestamp at time zone 'UTC'
    and {{ week }} >= {{ retention_cutoff("research.research_events") }}
group by subject_token, event_name, occurred_week_on
