with offenders as (
    select
        output_relation as relation,
        output_column as column_name,
        count(*) as offenders,
        output_relation || coalesce('.' || output_column, '') || ' can''t be traced: ' || min(reason) as finding
    from {{ source("governance", "column_edges") }}
    where kind = 'unresolved'
    group by output_relation, output_column
)

{{ not_excepted("offenders", "violation_unresolved_lineage") }}
