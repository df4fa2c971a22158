{{ config(
    materialized="incremental",
    incremental_strategy="append",
    post_hook="select governance.analyze_changed('{{ this }}')",
) }}

with seen as (
    {{ newly_seen_subjects() }}
),

subjects as (
    select distinct subject_id
    from seen
    where subject_id is not null
)

select
    subject_id,
    {{ keyed_token(user_token_text("subject_id"), "ledger") }} as ledger_token,
    {{ keyed_token("subject_id", "research") }} as research_token
from subjects
-- a token is made once, when its subject is first seen
where not exists (select 1 from {{ this }} as known where known.subject_id = subjects.subject_id)
-- as the index on it is: written in any order, it would take longer than the tokens do
order by ledger_token
