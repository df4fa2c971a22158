with offenders as (
    select
        relation,
        column_name,
        1 as offenders,
        relation || '.' || column_name || ' has no ccpa_category. ' || reason as finding
    from {{ source("governance", "column_tags") }}
    where origin = 'unknown' and relation like 'raw.%'
)

{{ not_excepted("offenders", "violation_undeclared_column") }}
