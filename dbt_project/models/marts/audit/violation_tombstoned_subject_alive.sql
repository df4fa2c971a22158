-- Tokens are made afresh here, not taken from int_subjects__tokenized: a check must not lean on what it checks.
with holders as (
    {% for holder in subject_holders() -%}
    select distinct
        'raw.{{ holder.split("__")[1] }}' as relation,
        user_id
    from {{ ref(holder) }}
    {{ "union all" if not loop.last }}
    {% endfor -%}
),

tokenized as (
    select
        user_id,
        {{ keyed_token("user_id", "ledger") }} as subject_token
    from (
        select distinct user_id
        from holders
        where user_id is not null
    ) as subjects
),

offenders as (
    select
        holders.relation,
        null as column_name,
        count(*) as offenders,
        holders.relation || ' holds ' || count(*) || ' tombstoned subject(s). Run the night again; if they stay, the '
        || 'purge does not reach them: check config.meta.subject_key of the table.' as finding
    from holders
    inner join tokenized on holders.user_id = tokenized.user_id
    inner join {{ source("governance", "tombstones") }} as tombstone
        on tokenized.subject_token = tombstone.identifier_token
    where not exists (
        select 1
        from {{ ref("int_subjects__held") }} as held
        where held.subject_id = holders.user_id
    )
    group by holders.relation
)

{{ not_excepted("offenders", "violation_tombstoned_subject_alive") }}
