{#-
  A table under contract in one statement. dbt-postgres makes it empty and fills it by `insert … select`, which
  PostgreSQL runs in one process; `create table … as` counts and joins in several. The contract is held the same: names
  and types before a row is read, nulls before the transaction ends. Other tables are made as dbt-postgres does.
-#}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {%- set contract = config.get("contract") -%}
    {%- if temporary or not (contract and contract.enforced) -%}
    {{ dbt.postgres__create_table_as(temporary, relation, sql) }}
    {%- else -%}
    {{ get_assert_columns_equivalent(sql) }}
    create table {{ relation }} as (
        {{ get_select_subquery(sql) }}
    );
    {%- for column in model.columns.values() -%}
        {%- for constraint in column.constraints or [] -%}
            {%- if constraint.type != "not_null" -%}
                {%- do exceptions.raise_compiler_error(
                    model.name ~ "." ~ column.name ~ " has a constraint of type " ~ constraint.type
                    ~ ". A released table is made with not_null only: state the rest as a data test."
                ) -%}
            {%- endif %}
    alter table {{ relation }} alter column {{ adapter.quote(column.name) }} set not null;
        {%- endfor -%}
    {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
