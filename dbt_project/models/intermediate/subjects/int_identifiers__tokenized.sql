{{ config(
    materialized="incremental",
    incremental_strategy="append",
    post_hook="select governance.analyze_changed('{{ this }}')",
) }}

-- Every identifier of the raw tables, hashed once, when it is first seen.
with seen as (
    {{ newly_seen_identifiers() }}
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
-- as the indexes on it and on its first half are: written in any order, it would take several times as long
order by ledger_token
