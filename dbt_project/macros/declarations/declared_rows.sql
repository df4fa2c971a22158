{#-
  The rows of a source, with exactly the columns that its YAML declares, typed as declared.
  An undeclared column never flows downstream; a declared one that the warehouse lacks is null;
  a declared table that the warehouse lacks is empty (and a violation says so).
-#}
{% macro declared_rows(source_name, table_name) -%}
    {%- set relation = source(source_name, table_name) -%}
    {%- if not execute -%}
        select * from {{ relation }}
    {%- else -%}
        {%- set declared = privacy_governance.declared_source(source_name, table_name).columns.values() -%}
        {%- set existing = adapter.get_relation(relation.database, relation.schema, relation.identifier) -%}
        {%- set present = adapter.get_columns_in_relation(existing) | map(attribute="name") | list if existing else [] -%}
        select
        {%- for column in declared %}
            {%- set quoted = adapter.quote(column.name) %}
            {{ quoted if column.name in present else "null" }}::{{ column.data_type }} as {{ quoted }}{{ "," if not loop.last }}
        {%- endfor %}
        {%- if existing %}
        from {{ relation }}
        {%- else %}
        where false
        {%- endif %}
    {%- endif -%}
{%- endmacro %}

{#- The graph's entry of a declared source table. -#}
{% macro declared_source(source_name, table_name) -%}
    {%- for node in graph.sources.values() if node.source_name == source_name and node.name == table_name -%}
        {%- do return(node) -%}
    {%- endfor -%}
    {%- do exceptions.raise_compiler_error("source " ~ source_name ~ "." ~ table_name ~ " is not declared") -%}
{%- endmacro %}
