{#- Columns of `raw` that the sources declare and the warehouse has: [{relation, column, data_type, pi_kind, names_a_person, meta}]. -#}
{% macro declared_columns() -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- set columns_of = present_columns() -%}
        {%- for declared in graph.sources.values() if declared.schema == "raw" and declared.source_name != "demo" -%}
            {%- for column in declared.columns.values() if column.name in columns_of.get("raw." ~ declared.identifier, []) -%}
                {%- do found.append({
                    "relation": declared.schema ~ "." ~ declared.identifier,
                    "column": column.name,
                    "data_type": column.data_type,
                    "pi_kind": column.config.meta.get("pi_kind"),
                    "names_a_person": column.config.meta.get("identifiability") == "direct",
                    "is_identifier": "identifier" in column.config.meta,
                    "meta": column.config.meta,
                }) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found | sort(attribute="relation,column")) }}
{%- endmacro %}

{#- Declared text in which somebody may have written anything: it names a person, is of these kinds, and is no identifier. -#}
{% macro declared_text(kinds) -%}
    {{ return(
        declared_columns()
        | selectattr("data_type", "equalto", "text")
        | selectattr("names_a_person")
        | rejectattr("is_identifier")
        | selectattr("pi_kind", "in", kinds)
        | list
    ) }}
{%- endmacro %}
