with offenders as (
    select
        relation,
        column_name,
        1 as offenders,
        relation || '.' || column_name || ' has no ccpa_category. ' || reason as finding
    from {{ source("governance", "column_tags") }}
    where
        origin = 'unknown'
        -- an unknown column of a model has its own finding, or comes from a column that has one here
        and relation not in (select output_relation from {{ source("governance", "column_edges") }})
)

{{ not_excepted("offenders", "violation_undeclared_column") }}
