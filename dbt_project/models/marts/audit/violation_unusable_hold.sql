-- Holds that another system wrote and that name nobody, or that nobody can end: they would keep nothing, or for ever,
-- without a word. Those that are over keep nothing any more, whatever they lack.
with active as (
    select
        coalesce(hold_id, '') ~ '\S' as is_named,
        coalesce({{ held_kinds() | join(", ") }}) is not null as is_of_somebody,
        starts_on is not null as has_begun
    from {{ ref("stg_privacy_desk__legal_holds") }}
    where ends_on is null or ends_on >= {{ night() }}
),

flawed as (
    select
        'user_id' as column_name,
        count(*) as offenders,
        'without an identifier, so that nobody is kept' as flaw,
        'Write a user_id, anonymous_id, email, phone or device_id' as remedy
    from active
    where not is_of_somebody
    union all
    select
        'hold_id' as column_name,
        count(*) as offenders,
        'without a hold_id, which nobody can release' as flaw,
        'Give each an id of its own' as remedy
    from active
    where not is_named
    union all
    select
        'starts_on' as column_name,
        count(*) as offenders,
        'without starts_on, taken as begun' as flaw,
        'Write since when each holds' as remedy
    from active
    where not has_begun
),

offenders as (
    select
        'raw.legal_holds' as relation,
        column_name,
        offenders,
        'raw.legal_holds has ' || offenders || ' row(s) ' || flaw || '. ' || remedy || '.' as finding
    from flawed
    where offenders > 0
)

{{ not_excepted("offenders", "violation_unusable_hold") }}
