with events as (
    select user_id, event_name, received_at from {{ ref("stg_segment__tracks") }}
    union all
    select user_id, 'page_viewed' as event_name, received_at from {{ ref("stg_segment__pages") }}
    union all
    select user_id, 'screen_viewed' as event_name, received_at from {{ ref("stg_segment__screens") }}
)

select
    subject.research_token as subject_token,
    events.user_id,
    events.event_name,
    events.received_at
from events
inner join {{ ref("int_subjects__surviving") }} as subject on events.user_id = subject.subject_id
