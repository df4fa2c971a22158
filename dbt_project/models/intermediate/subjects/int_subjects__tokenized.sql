{{ config(materialized="incremental", incremental_strategy="append") }}

{%- set tables = identifier_tables() %}
with {{ new_identifier_rows(tables) }}

seen as (
    {%- for table in tables %}
    {%- for column in table.columns if column.is_subject %}
    select {{ adapter.quote(column.name) }} as subject_id from new_{{ table.name }}
    union all
    {%- endfor %}
    {%- endfor %}
    select null::text as subject_id
),

subjects as (
    select distinct subject_id
    from seen
    where subject_id is not null
)

select
    subject_id,
    {{ keyed_token("subject_id", "ledger") }} as ledger_token,
    {{ keyed_token("subject_id", "research") }} as research_token
from subjects
-- a token is made once, when its subject is first seen
where not exists (select 1 from {{ this }} as known where known.subject_id = subjects.subject_id)
