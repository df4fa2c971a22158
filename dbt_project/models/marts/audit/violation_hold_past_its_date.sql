-- Holds that nobody looks at any more: without a last day for two years and longer, or over while they still keep rows.
-- depends_on: {{ ref("int_identifiers__held") }}
with offenders as (
    select
        'raw.legal_holds' as relation,
        'ends_on' as column_name,
        count(*) as offenders,
        'raw.legal_holds has ' || count(*) || ' hold(s) that began two years ago or earlier and have no last day. '
        || 'Ask their owner: govern hold list; then give them one, or end them: govern hold release HOLD_ID.' as finding
    from {{ ref("stg_privacy_desk__legal_holds") }}
    where ends_on is null and starts_on < {{ night() }} - interval '24 months'
    having count(*) > 0
    union all
    -- what the night found of held people, once their hold is over
    select
        'raw.legal_holds' as relation,
        'hold_id' as column_name,
        count(*) as offenders,
        'raw.legal_holds: ' || count(*) || ' hold(s) still keep rows, and are over or gone. Run the night again: '
        || 'it asks anew whom holds keep.' as finding
    from (
        select distinct held.hold_id
        from {{ source("governance", "held_identifiers") }} as held
        where not exists (
            select 1 from {{ ref("stg_privacy_desk__legal_holds") }} as hold
            where
                hold.hold_id = held.hold_id
                and (hold.ends_on is null or hold.ends_on >= {{ night() }})
        )
    ) as over
    having count(*) > 0
)

{{ not_excepted("offenders", "violation_hold_past_its_date") }}
