-- Tokens are made afresh here, of all rows and not of new ones: a check must not lean on what it checks.
-- read twice, and never written down: it is every row of the raw tables
with rows_by_owner as not materialized (
    {{ rows_by_owner() }}
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

-- nearly always nobody; joined to the rows before, it would be hashed who owns each of them
tombstoned as materialized (
    select
        owners.owner_kind,
        owners.owner,
        owners.owner_token,
        tombstone.request_id,
        tombstone.doomed_from,
        tombstone.doomed_until
    from owners
    inner join {{ source("governance", "tombstones") }} as tombstone on owners.owner_token = tombstone.identifier_token
    where
        not exists (
            select 1 from {{ source("governance", "held_identifiers") }} as held
            where held.identifier_token = owners.owner_token
        )
        and not exists (
            select 1 from {{ ref("int_identifiers__held") }} as held
            where held.identifier_kind = owners.owner_kind and held.identifier = owners.owner
        )
),

alive as (
    select
        rows_by_owner.relation,
        tombstoned.owner_token
    from rows_by_owner
    inner join tombstoned
        on
            rows_by_owner.owner_kind = tombstoned.owner_kind
            and rows_by_owner.owner = tombstoned.owner
            and rows_by_owner.clocked_at >= tombstoned.doomed_from
            and rows_by_owner.clocked_at < tombstoned.doomed_until
    -- a row that an exception keeps is redacted, and may keep its owner
    where
        not exists (
            select 1 from {{ source("governance", "honoured_exceptions") }} as excepted
            where
                excepted.request_id = tombstoned.request_id
                and excepted.relation = rows_by_owner.relation
                and excepted.column_name = rows_by_owner.owner_column
                and coalesce(excepted.expires_on, 'infinity') >= {{ night() }}
        )
        and not exists (
            select 1 from {{ ref("deletion_exceptions") }} as excepted
            where
                excepted.relation = rows_by_owner.relation
                and excepted.column_name = rows_by_owner.owner_column
                and excepted.expires_on >= {{ night() }}
        )
),

offenders as (
    select
        relation,
        null as column_name,
        count(distinct owner_token) as offenders,
        relation || ' holds ' || count(distinct owner_token) || ' tombstoned subject(s). Run the night again; if they '
        || 'stay, the purge does not reach them: check subject_key and identifier in the table''s YAML, and whether '
        || 'its rows came back from a backup: govern restore-check.' as finding
    from alive
    group by relation
)

{{ not_excepted("offenders", "violation_tombstoned_subject_alive") }}
