with offenders as (
    select
        relation,
        column_name,
        count(*) as offenders,
        relation || '.' || column_name || ' is used beyond the notice. '
        || string_agg(message, ' ' order by category, aspect, member) as finding
    from {{ source("governance", "notice_differences") }}
    where breach = 'undisclosed_use'
    group by relation, column_name
)

{{ not_excepted("offenders", "violation_undisclosed_use") }}
