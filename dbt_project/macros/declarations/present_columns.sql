{#-
  The columns that the warehouse has of `raw`, by one query: {"raw.tracks": [names, in order]}; a table that it lacks is
  not in it. dbt's own way asks for a table at a time, which is most of what a night's compiling takes.
-#}
{% macro present_columns() -%}
    {%- set found = {} -%}
    {%- for row in run_query(adapter.dispatch("present_columns_statement", "privacy_governance")()).rows -%}
        {%- do found.update({row[0]: row[1].split("\n")}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro postgres__present_columns_statement() -%}
    select
        'raw.' || relation.relname as relation,
        string_agg(attribute.attname, e'\n' order by attribute.attnum) as columns
    from pg_class as relation
    inner join pg_attribute as attribute on relation.oid = attribute.attrelid
    where
        relation.relnamespace = to_regnamespace('raw')
        and relation.relkind in ('r', 'p', 'v', 'm', 'f')
        and attribute.attnum > 0
        and not attribute.attisdropped
    group by relation.relname
{%- endmacro %}
