{{ config(
    materialized="incremental",
    incremental_strategy="append",
    indexes=[
        {"columns": ["subject_id"], "unique": true},
        {"columns": ["ledger_token"]},
        {"columns": ["research_token"]},
    ],
) }}

{%- set holders = [
    "stg_segment__identifies", "stg_segment__users", "stg_segment__groups", "stg_segment__aliases",
    "stg_segment__tracks", "stg_segment__pages", "stg_segment__screens", "stg_segment__signed_up",
    "stg_segment__order_completed", "stg_segment__feature_used", "stg_business__payments",
    "stg_business__support_tickets", "stg_business__call_recordings", "stg_business__survey_responses",
    "stg_business__inferred_preferences", "stg_privacy_desk__privacy_requests", "stg_privacy_desk__legal_holds",
] %}

with holders as (
    {%- for holder in holders %}
    select user_id from {{ ref(holder) }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
),

subjects as (
    select distinct user_id
    from holders
    where user_id is not null
)

select
    user_id as subject_id,
    {{ keyed_token("user_id", "ledger") }} as ledger_token,
    {{ keyed_token("user_id", "research") }} as research_token
from subjects
{%- if is_incremental() %}
-- a token is made once, when its subject is first seen
where not exists (select 1 from {{ this }} as known where known.subject_id = subjects.user_id)
{%- endif %}
