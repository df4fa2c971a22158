{{ config(materialized="incremental", incremental_strategy="append", post_hook="{{ remember_reads() }}") }}

-- Which identifiers stood in one raw row: the row's strongest with each of the others. Two user ids of one row are two
-- people, unless one is declared as the former id of the other.
-- The reads are remembered here, last: depends_on: {{ ref("int_subjects__tokenized") }}
{%- set tables = identifier_tables() | rejectattr("is_claim") | list %}
with {{ new_identifier_rows(tables) }}

paired as (
    {%- for table in tables %}
    {%- set strongest = table.columns | rejectattr("is_former") | list %}
    {%- for column in strongest %}
    {%- set stronger = strongest[:loop.index0] %}
    {%- for other in strongest[loop.index:] if other.kind != column.kind %}
    select
        '{{ column.kind }}' as identifier_kind,
        {{ adapter.quote(column.name) }} as identifier,
        '{{ other.kind }}' as linked_kind,
        {{ adapter.quote(other.name) }} as linked,
        false as is_alias
    from new_{{ table.name }}
    {%- if stronger %}
    where coalesce({{ stronger | map(attribute="name") | map("tojson") | join(", ") }}) is null
    {%- endif %}
    union all
    {%- endfor %}
    {%- endfor %}
    {%- for former in table.columns if former.is_former %}
    {%- for subject in table.columns if subject.is_subject %}
    {%- for kind in ["user_id", "anonymous_id"] %}
    select
        'user_id' as identifier_kind,
        {{ adapter.quote(subject.name) }} as identifier,
        '{{ kind }}' as linked_kind,
        {{ adapter.quote(former.name) }} as linked,
        {{ "true" if kind == "user_id" else "false" }} as is_alias
    from new_{{ table.name }}
    where {{ adapter.quote(subject.name) }} <> {{ adapter.quote(former.name) }}
    union all
    {%- endfor %}
    {%- endfor %}
    {%- endfor %}
    {%- endfor %}
    select
        null::text as identifier_kind,
        null::text as identifier,
        null::text as linked_kind,
        null::text as linked,
        false as is_alias
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
