-- Tokens are made afresh here, of all rows and not of new ones: a check must not lean on what it checks.
{%- set tables = identifier_tables() %}
with rows_by_owner as (
    {%- for table in tables %}
    {%- set columns = table.columns %}
    select
        '{{ table.label }}' as relation,
        -- a row belongs to the first of its identifiers that is not blank
        case
            {%- for column in columns %}
            when {{ comparable_identifier(column.kind, adapter.quote(column.name)) }} is not null then '{{ column.kind }}'
            {%- endfor %}
        end as owner_kind,
        coalesce(
            {%- for column in columns %}
            {{ comparable_identifier(column.kind, adapter.quote(column.name)) }}{{ "," if not loop.last }}
            {%- endfor %}
        ) as owner,
        {{ "coalesce(" ~ adapter.quote(table.clock) ~ "::timestamptz, '-infinity')" if table.clock else "'-infinity'::timestamptz" }} as clocked_at
    from {{ table.relation }}
    union all
    {%- endfor %}
    select
        null::text as relation,
        null::text as owner_kind,
        null::text as owner,
        '-infinity'::timestamptz as clocked_at
),

owners as (
    select
        owner_kind,
        owner,
        {{ keyed_token(token_text("owner_kind", "owner"), "ledger") }} as owner_token
    from (
        select distinct
            owner_kind,
            owner
        from rows_by_owner
        -- nothing is hashed before somebody is tombstoned
        where owner is not null and exists (select 1 from {{ source("governance", "tombstones") }})
    ) as distinct_owners
),

tombstoned as (
    select
        owners.owner_kind,
        owners.owner,
        tombstone.request_id,
        tombstone.doomed_from,
        tombstone.doomed_until
    from owners
    inner join {{ source("governance", "tombstones") }} as tombstone on owners.owner_token = tombstone.identifier_token
    where not exists (
        select 1 from {{ source("governance", "held_identifiers") }} as held
        where held.identifier_token = owners.owner_token
    )
    and not exists (
        select 1 from {{ ref("int_identifiers__held") }} as held
        where held.identifier_kind = owners.owner_kind and held.identifier = owners.owner
    )
),

offenders as (
    select
        alive.relation,
        null as column_name,
        count(distinct (alive.owner_kind, alive.owner)) as offenders,
        alive.relation || ' holds ' || count(distinct (alive.owner_kind, alive.owner)) || ' tombstoned subject(s). Run the '
        || 'night again; if they stay, the purge does not reach them: check subject_key and `identifier` in the YAML of '
        || 'the table, and whether rows were loaded with an old loaded_at_field (a backup?): govern restore-check.'
        as finding
    from rows_by_owner as alive
    inner join tombstoned
        on
            alive.owner_kind = tombstoned.owner_kind
            and alive.owner = tombstoned.owner
            and alive.clocked_at >= tombstoned.doomed_from
            and alive.clocked_at < tombstoned.doomed_until
    -- a row that an exception keeps is redacted, and may keep its owner
    where not exists (
        select 1 from {{ source("governance", "request_exceptions") }} as exception
        where exception.request_id = tombstoned.request_id and exception.relation = alive.relation
    )
    group by alive.relation
)

{{ not_excepted("offenders", "violation_tombstoned_subject_alive") }}
