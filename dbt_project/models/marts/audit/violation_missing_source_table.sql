with offenders as (
    {% for declared in declared_tables() if not declared.is_present and not declared.is_demo -%}
    select
        '{{ declared.relation }}' as relation,
        null as column_name,
        1 as offenders,
        '{{ declared.relation }} is declared in {{ declared.file }} and not in the warehouse: nothing was released '
        || 'from it. Load it; or, if this warehouse is to have none, say so in governance_exceptions.csv.' as finding
    union all
    {% endfor -%}
    select
        null as relation,
        null as column_name,
        0 as offenders,
        null as finding
    where false
)

{{ not_excepted("offenders", "violation_missing_source_table") }}
