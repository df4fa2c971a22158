{{ config(
    materialized="incremental",
    incremental_strategy="append",
    post_hook=["{{ remember_reads() }}", "select governance.analyze_changed('{{ this }}')"],
) }}

-- Which identifiers stood in one raw row. The last to read: it remembers up to when all of them did.
-- depends_on: {{ ref("int_subjects__tokenized") }}
with paired as (
    {{ newly_seen_pairs() }}
),

pairs as (
    select distinct
        one.identifier_id,
        paired.identifier_kind,
        other.identifier_id as linked_id,
        paired.linked_kind,
        paired.is_alias
    from paired
    inner join {{ ref("int_identifiers__tokenized") }} as one
        on paired.identifier_kind = one.identifier_kind and paired.identifier = one.identifier
    inner join {{ ref("int_identifiers__tokenized") }} as other
        on paired.linked_kind = other.identifier_kind and paired.linked = other.identifier
)

select
    identifier_id,
    identifier_kind,
    linked_id,
    linked_kind,
    is_alias
from pairs
where not exists (
    select 1 from {{ this }} as known
    where
        known.identifier_id = pairs.identifier_id
        and known.linked_id = pairs.linked_id
        and known.is_alias = pairs.is_alias
)
-- as its index is
order by identifier_id, linked_id
