{#-
  Identifiers in the raw tables, as the sources' YAML declares them: column meta `identifier` names the kind,
  `former_id: true` an id that the row's subject had before; table meta `subject_key` names the strongest one.
-#}

{#- Kinds, strongest first: a row belongs to the first of its identifiers that is not blank. -#}
{% macro identifier_kinds() -%}
    {{ return(["user_id", "anonymous_id", "email", "phone", "device_id", "advertising_id"]) }}
{%- endmacro %}

{#- Kinds by which a legal hold may name somebody, as its columns: those of a request. -#}
{% macro held_kinds() -%}
    {{ return(["user_id", "anonymous_id", "email", "phone", "device_id"]) }}
{%- endmacro %}

{#-
  Tables that hold identifiers, with what the warehouse has of them, strongest column first:
  [{name, relation, loaded_at_field, is_claim, clock, columns: [{name, kind, is_subject, is_former}]}].
  A claim is what somebody says to the privacy desk: it names identifiers, and is no evidence that they belong together.
-#}
{% macro identifier_tables() -%}
    {%- set found, columns_of = [], present_columns() if execute else {} -%}
    {%- for declared in (graph.sources.values() | sort(attribute="unique_id") if execute else []) if declared.schema == "raw" -%}
        {%- set relation = api.Relation.create(schema=declared.schema, identifier=declared.identifier) -%}
        {%- set present = columns_of.get("raw." ~ declared.identifier, []) -%}
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

{#-
  An identifier as identifiers are compared; null where it is blank. Around an address, what ended its line or came along
  when it was copied is no part of it: a tab, a carriage return, a no-break space.
-#}
{% macro comparable_identifier(kind, column) -%}
    {%- if kind == "email" -%}
        nullif(lower(btrim({{ column }}, E' \t\n\x0B\f\r' || chr(160))), '')
    {%- elif kind == "phone" -%}
        nullif(right(regexp_replace({{ column }}, '\D', '', 'g'), 10), '')
    {%- else -%}
        nullif(regexp_replace({{ column }}, '^\s+$', ''), '')
    {%- endif -%}
{%- endmacro %}

{#- What an identifier's ledger token is made of: an address can't pass for a user id, nor a user id for an address. -#}
{% macro token_text(kind, identifier) -%}
    case when {{ kind }} = 'user_id' then {{ user_token_text(identifier) }} else {{ kind }} || ':' || {{ identifier }} end
{%- endmacro %}
