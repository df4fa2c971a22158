{%- set missing = namespace(relations=[]) -%}
{%- if execute -%}
    {%- for declared in graph.sources.values() if declared.schema == "raw" and declared.source_name != "demo" -%}
        {%- if not adapter.get_relation(target.database, declared.schema, declared.identifier) -%}
            {%- do missing.relations.append((declared.schema ~ "." ~ declared.identifier, declared.original_file_path)) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endif -%}
with offenders as (
    {% for relation, file in missing.relations -%}
    select
        '{{ relation }}' as relation,
        null as column_name,
        1 as offenders,
        '{{ relation }} is declared in {{ file }} and not in the warehouse: nothing was released from it. '
        || 'Load it, or remove its declaration.' as finding
    union all
    {% endfor -%}
    select null as relation, null as column_name, 0 as offenders, null as finding where false
)

{{ not_excepted("offenders", "violation_missing_source_table") }}
