{#-
  Identifiers in the raw tables, as the sources' YAML declares them: column meta `identifier` names the kind,
  `former_id: true` an id that the row's subject had before; table meta `subject_key` names the strongest one.
-#}

{#- Kinds, strongest first: a row belongs to the first of its identifiers that is not blank. -#}
{% macro identifier_kinds() -%}
    {{ return(["user_id", "anonymous_id", "email", "phone", "device_id", "advertising_id"]) }}
{%- endmacro %}

{#-
  Tables that hold identifiers, with what the warehouse has of them, strongest column first:
  [{name, relation, loaded_at_field, is_claim, clock, columns: [{name, kind, is_subject, is_former}]}].
  A claim is what somebody says to the privacy desk: it names identifiers, and is no evidence that they belong together.
-#}
{% macro identifier_tables() -%}
    {%- set found = [] -%}
    {%- for declared in (graph.sources.values() | sort(attribute="unique_id") if execute else []) if declared.schema == "raw" -%}
        {%- set relation = adapter.get_relation(declared.database, declared.schema, declared.identifier) -%}
        {%- set present = adapter.get_columns_in_relation(relation) | map(attribute="name") | list if relation else [] -%}
        {%- set meta, columns = declared.config.meta, [] -%}
        {%- for kind in privacy_governance.identifier_kinds() -%}
            {%- for own in ([true, false] if kind == "user_id" else [false]) -%}
                {%- for column in declared.columns.values()
                    if column.config.meta.get("identifier") == kind and column.name in present
                    and (column.name == meta.get("subject_key")) == own -%}
                    {%- do columns.append({
                        "name": column.name,
                        "kind": kind,
                        "is_subject": own,
                        "is_former": column.config.meta.get("former_id", false),
                    }) -%}
                {%- endfor -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- if columns -%}
            {%- do found.append({
                "name": declared.name,
                "relation": relation.include(database=false) | string,
                "label": declared.schema ~ "." ~ declared.identifier,
                "loaded_at_field": declared.loaded_at_field if declared.loaded_at_field in present else none,
                "is_claim": declared.source_name == "privacy_desk",
                "clock": meta.get("clock") if meta.get("clock") in present else none,
                "columns": columns,
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#- An identifier as identifiers are compared; null where it is blank. -#}
{% macro comparable_identifier(kind, column) -%}
    {%- if kind == "email" -%}
        nullif(lower(trim({{ column }})), '')
    {%- elif kind == "phone" -%}
        nullif(right(regexp_replace({{ column }}, '\D', '', 'g'), 10), '')
    {%- else -%}
        case when {{ column }} ~ '\S' then {{ column }} end
    {%- endif -%}
{%- endmacro %}

{#- What an identifier's ledger token is made of: an address can't pass for a user id. -#}
{% macro token_text(kind, identifier) -%}
    case when {{ kind }} = 'user_id' then {{ identifier }} else {{ kind }} || ':' || {{ identifier }} end
{%- endmacro %}

{#-
  CTEs new_<table>: the distinct identifiers of the rows that were loaded since they were last read, a column an
  identifier. Rows may be committed later than they are stamped: a day is read twice. A table without
  `loaded_at_field`, one whose file was replaced, and rows without a stamp are read as a whole.
-#}
{% macro new_identifier_rows(tables) -%}
    {%- for table in tables %}
new_{{ table.name }} as (
    select distinct
        {%- for column in table.columns %}
        {{ comparable_identifier(column.kind, adapter.quote(column.name)) }} as {{ adapter.quote(column.name) }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from {{ table.relation }}
    {%- if table.loaded_at_field %}
    where
        {{ adapter.quote(table.loaded_at_field) }} is null
        or {{ adapter.quote(table.loaded_at_field) }} > {{ read_until(table) }} - interval '1 day'
    {%- endif %}
),
    {%- endfor %}
{%- endmacro %}

{#- Up to when a table was read; -infinity where it never was, or its file is another one than then. -#}
{% macro read_until(table) -%}
    (
            select coalesce(max(watermark.read_until), '-infinity')
            from {{ source("governance", "identifier_watermarks") }} as watermark
            where
                watermark.relation = '{{ table.label }}'
                and watermark.file_node = coalesce(pg_relation_filenode('{{ table.relation }}'), 0)
        )
{%- endmacro %}

{#-
  Hook of the model that reads last: remembers, with its rows, up to when each table was read. Never beyond now:
  a loader whose clock runs ahead must not hide what comes after it.
-#}
{% macro remember_reads() -%}
    {%- for table in identifier_tables() if table.loaded_at_field -%}
        {%- set stamp = adapter.quote(table.loaded_at_field) %}
    insert into governance.identifier_watermarks (relation, file_node, read_until)
    select '{{ table.label }}', coalesce(pg_relation_filenode('{{ table.relation }}'), 0), newest
    from (
        select max({{ stamp }}) as newest from {{ table.relation }}
        where {{ stamp }} <= now() and {{ stamp }} > {{ read_until(table) }}
    ) as loaded
    where newest is not null
    on conflict (relation) do update set file_node = excluded.file_node, read_until = excluded.read_until;
    {%- endfor %}
{%- endmacro %}
