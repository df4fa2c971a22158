-- The clocks of 1798.130(a)(2)(A) and 11 CCR 7021, as requests.due_dates sets them; a refusal is told in time, too.
with late as (
    select
        'due_on' as column_name,
        count(*) as offenders,
        min(due_on) as oldest,
        'not answered' as lacking,
        'Decide and answer them: govern request answer ID; within the first 45 days, govern request extend ID --reason.'
            as remedy
    from {{ source("governance", "deletion_requests") }}
    where answered_on is null and due_on < {{ night() }}
    union all
    select
        'confirm_by' as column_name,
        count(*) as offenders,
        min(confirm_by) as oldest,
        'not confirmed' as lacking,
        'Tell the requesters that their requests arrived, then: govern request confirm ID.' as remedy
    from {{ source("governance", "deletion_requests") }}
    where confirmed_on is null and answered_on is null and confirm_by < {{ night() }}
),

offenders as (
    select
        'governance.deletion_requests' as relation,
        column_name,
        offenders,
        'governance.deletion_requests has ' || offenders || ' request(s) past ' || column_name || ' and ' || lacking
        || ', the oldest since ' || oldest || '. govern request list --due-within 0 names them. ' || remedy as finding
    from late
    where offenders > 0
)

{{ not_excepted("offenders", "violation_overdue_request") }}
