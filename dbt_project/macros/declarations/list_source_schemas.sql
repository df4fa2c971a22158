{#-
  Hook before a run's threads start. dbt fills its cache of a schema that no model builds a relation at a time when one is
  first asked for, and takes the schema for known from the first on: a thread that asks meanwhile is told that the other
  tables are not there, and would leave them out of identity or purge without a word.
-#}
{% macro list_source_schemas() -%}
    {%- if execute -%}
        {%- for schema in (graph.sources.values() | map(attribute="schema") | list + ["research", "research_previous"]) | unique -%}
            {%- do adapter.get_relation(target.database, schema, "") -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
