-- Rows that another system wrote and that the ledger can't take: they would be passed over without a word.
with incoming as (
    select
        request_id,
        length(request_id) <= 100 and request_id ~ '^[A-Za-z0-9][A-Za-z0-9._:-]*$' as is_named,
        received_at,
        verified_at is not null and verified_by is null as is_verified_by_nobody,
        row_number() over (partition by request_id order by received_at) as nth
    from {{ ref("stg_privacy_desk__privacy_requests") }}
),

flawed as (
    select
        'request_id' as column_name,
        count(*) as offenders,
        'without a request_id of letters, digits and . _ : -, which no night takes in' as flaw,
        'Give each an id of its own' as remedy
    from incoming
    where is_named is not true
    union all
    select
        'request_id' as column_name,
        count(*) as offenders,
        'whose request_id another row has, which no night takes in' as flaw,
        'Give each an id of its own, or delete the copies' as remedy
    from incoming
    where is_named and nth > 1
    union all
    -- the row that the ledger has may be gone
    select
        'request_id' as column_name,
        count(*) as offenders,
        'whose request_id the ledger has of a request with other content, which no night takes in' as flaw,
        'Give each an id of its own' as remedy
    from incoming
    inner join {{ source("governance", "deletion_requests") }} as known on incoming.request_id = known.request_id
    inner join {{ ref("int_privacy_requests__tokenized") }} as written on incoming.request_id = written.request_id
    where
        incoming.nth = 1
        -- until it is verified, a night takes over what was put right
        and known.state <> 'received'
        and incoming.received_at = written.received_at
        and (
            known.received_at <> written.received_at
            or known.regulation_type not in (written.regulation_type, 'unknown')
            or known.given_tokens <> written.given_tokens
        )
    union all
    select
        'received_at' as column_name,
        count(*) as offenders,
        'without received_at, or received in the future, which no night takes in' as flaw,
        'Write when each arrived: the statutory clocks run from then' as remedy
    from incoming
    where received_at is null or received_at > greatest(now(), {{ night() }} + interval '1 day')
    union all
    select
        'verified_by' as column_name,
        count(*) as offenders,
        'with verified_at and without verified_by, which no night carries out' as flaw,
        'Name the team that verified' as remedy
    from incoming
    where
        is_named
        and is_verified_by_nobody
        and not exists (
            -- verified or refused since then by govern request
            select 1 from {{ source("governance", "deletion_requests") }} as known
            where known.request_id = incoming.request_id and known.state <> 'received'
        )
),

offenders as (
    select
        'raw.privacy_requests' as relation,
        column_name,
        sum(offenders) as offenders,
        'raw.privacy_requests has ' || string_agg(
            offenders || ' row(s) ' || flaw || '. ' || remedy || '.', ' '
            order by flaw
        ) as finding
    from flawed
    where offenders > 0
    group by column_name
)

{{ not_excepted("offenders", "violation_unusable_request") }}
