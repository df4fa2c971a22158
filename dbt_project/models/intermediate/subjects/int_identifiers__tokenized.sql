{{ config(materialized="incremental", incremental_strategy="append") }}

-- Every identifier of the raw tables, hashed once, when it is first seen.
{%- set tables = identifier_tables() %}
with {{ new_identifier_rows(tables) }}

seen as (
    {%- for table in tables %}
    {%- set first = loop.first %}
    {%- for column in table.columns %}
    {{ "union all" if not (first and loop.first) }}
    select
        '{{ column.kind }}' as identifier_kind,
        {{ adapter.quote(column.name) }} as identifier
    from new_{{ table.name }}
    {%- if column.is_former %}
    union all
    -- what became a user id may have been a browser's
    select
        'anonymous_id' as identifier_kind,
        {{ adapter.quote(column.name) }} as identifier
    from new_{{ table.name }}
    {%- endif %}
    {%- endfor %}
    {%- else %}
    select
        null::text as identifier_kind,
        null::text as identifier
    {%- endfor %}
),

identifiers as (
    select distinct
        identifier_kind,
        identifier,
        {{ token_text("identifier_kind", "identifier") }} as token_text
    from seen
    where identifier is not null
),

tokenized as (
    select
        identifier_kind,
        identifier,
        {{ keyed_token("token_text", "ledger") }} as ledger_token
    from identifiers
    where not exists (
        select 1 from {{ this }} as known
        where known.identifier_kind = identifiers.identifier_kind and known.identifier = identifiers.identifier
    )
)

select
    identifier_kind,
    identifier,
    ledger_token,
    left(ledger_token, 32)::uuid as identifier_id
from tokenized
