{#- What the YAML files declare, for the models that hold the warehouse to it. Empty while dbt only parses. -#}

{#- Tables of `raw` that the sources declare: [{relation, file, subject_key, clock, is_present}]. -#}
{% macro declared_tables() -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for declared in graph.sources.values() if declared.schema == "raw" -%}
            {%- do found.append({
                "relation": declared.schema ~ "." ~ declared.identifier,
                "file": declared.original_file_path,
                "subject_key": declared.config.meta.get("subject_key"),
                "clock": declared.config.meta.get("clock"),
                "is_demo": declared.source_name == "demo",
                "is_present": adapter.get_relation(target.database, declared.schema, declared.identifier) is not none,
            }) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found | sort(attribute="relation")) }}
{%- endmacro %}

{#- Relations that some model of materialization `purge` deletes from. -#}
{% macro purged_relations() -%}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- for model in graph.nodes.values() if model.resource_type == "model" and model.config.materialized == "purge" -%}
            {%- do found.append(model.config.relation) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found | sort) }}
{%- endmacro %}

{#- The models whose tables are released, a row a subject. -#}
{% macro released_models() -%}
    {{ return(["research_users", "research_events", "research_survey_responses"]) }}
{%- endmacro %}

{#- Columns that together may single out a subject of a research model, from its YAML. -#}
{% macro quasi_identifiers(model_name) -%}
    {%- if execute -%}
        {%- for model in graph.nodes.values() if model.resource_type == "model" and model.name == model_name -%}
            {{ return(model.config.meta.quasi_identifiers) }}
        {%- endfor -%}
    {%- endif -%}
    {{ return(["subject_token"]) }}
{%- endmacro %}

{#- Columns of a research model that tell something about its subjects beside who they are, from its YAML. -#}
{% macro sensitive_attributes(model_name) -%}
    {%- if execute -%}
        {%- for model in graph.nodes.values() if model.resource_type == "model" and model.name == model_name -%}
            {{ return(model.config.meta.get("sensitive_attributes") or []) }}
        {%- endfor -%}
    {%- endif -%}
    {{ return([]) }}
{%- endmacro %}

{#- The quasi-identifiers among whose sharers sensitive attributes must differ; none where the model has no such. -#}
{% macro diversity_class(model_name) -%}
    {%- set sensitive = sensitive_attributes(model_name) -%}
    {{ return(quasi_identifiers(model_name) | reject("in", sensitive) | list if sensitive else []) }}
{%- endmacro %}

{#- The models whose tables are released as aggregates, with the clock of each: a row a cell of k subjects or more. -#}
{% macro aggregated_models() -%}
    {{ return({
        "research_weekly_actives": "active_week_on",
        "research_signup_funnel": "signed_up_month_on",
        "research_revenue": "ordered_quarter_on",
    }) }}
{%- endmacro %}
