-- The clocks of 1798.130(a)(2)(A) and 11 CCR 7021, as requests.due_dates sets them; a refusal is told in time, too.
-- What is due within a week, or to be confirmed within three days, is listed while there is still time.
with open_requests as (
    select
        'due_on' as column_name,
        due_on as last_day,
        7 as days_ahead,
        'answered' as missing,
        'Decide and answer them: govern request answer ID; within the first 45 days, govern request extend ID --reason.'
            as remedy
    from {{ source("governance", "deletion_requests") }}
    where answered_on is null
    union all
    select
        'confirm_by' as column_name,
        confirm_by as last_day,
        3 as days_ahead,
        'confirmed' as missing,
        'Tell the requesters that their requests arrived, then: govern request confirm ID.' as remedy
    from {{ source("governance", "deletion_requests") }}
    where confirmed_on is null and answered_on is null
),

pressing as (
    select
        *,
        last_day < {{ night() }} as is_late
    from open_requests
    where last_day <= {{ night() }} + days_ahead
),

offenders as (
    select
        'governance.deletion_requests' as relation,
        column_name,
        count(*) as offenders,
        'governance.deletion_requests has ' || count(*) || ' request(s) not ' || missing || ': '
        || count(*) filter (where is_late) || ' past ' || column_name
        || coalesce(', the oldest since ' || min(last_day) filter (where is_late), '') || ', '
        || count(*) filter (where not is_late) || ' due within ' || days_ahead || ' days. '
        || 'govern request list --due-within ' || days_ahead || ' names them. ' || remedy as finding
    from pressing
    group by column_name, days_ahead, missing, remedy
)

{{ not_excepted("offenders", "violation_overdue_request") }}
