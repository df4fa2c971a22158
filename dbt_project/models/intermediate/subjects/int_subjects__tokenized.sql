{{ config(materialized="incremental", incremental_strategy="append") }}

with holders as (
    {%- for holder in subject_holders() %}
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
-- a token is made once, when its subject is first seen
where not exists (select 1 from {{ this }} as known where known.subject_id = subjects.user_id)
