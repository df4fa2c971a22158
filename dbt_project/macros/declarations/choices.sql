{#-
  What people chose, as the sources' YAML declares it. Column meta `opt_in_to` names a purpose that a boolean agrees to,
  `opt_out_of` one that a time ends; `marketing_when` lists the values with which a row records marketing to its subject.
-#}

{#- Columns that declare `key`, as `value` where one is given: [{relation, column, declared, table}], table of identifier_tables. -#}
{% macro columns_that_declare(key, value=none) -%}
    {%- set found, tables = [], {} -%}
    {%- for table in privacy_governance.identifier_tables() -%}
        {%- do tables.update({table.label: table}) -%}
    {%- endfor -%}
    {%- for column in privacy_governance.declared_columns()
        if key in column.meta and column.relation in tables and (value is none or column.meta[key] == value) -%}
        {%- do found.append({
            "relation": column.relation,
            "column": column.column,
            "declared": column.meta[key],
            "table": tables[column.relation],
        }) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#- A table's identifiers that name one person; a browser or a device may be several people's. -#}
{% macro personal_identifiers(table) -%}
    {{ return(table.columns | selectattr("kind", "in", ["user_id", "email", "phone"]) | rejectattr("is_former") | list) }}
{%- endmacro %}

{#- identifier_kind, identifier, opted_out_at: the latest opt-out of each person who did not opt in again. -#}
{% macro opted_out(purpose) -%}
    {%- for choice in columns_that_declare("opt_out_of", purpose) -%}
    {%- set chosen_at = adapter.quote(choice.column) -%}
    {%- for identifier in personal_identifiers(choice.table) -%}
    select
        '{{ identifier.kind }}' as identifier_kind,
        {{ comparable_identifier(identifier.kind, adapter.quote(identifier.name)) }} as identifier,
        max({{ chosen_at }}) as opted_out_at
    from {{ choice.relation }}
    where
        {{ chosen_at }} is not null
        {%- for again in columns_that_declare("opt_in_to", purpose) if again.relation == choice.relation %}
        and {{ adapter.quote(again.column) }} is not true
        {%- endfor %}
    group by 2
    union all
    {% endfor -%}
    {%- endfor -%}
    select
        null as identifier_kind,
        null as identifier,
        null::timestamptz as opted_out_at
    where false
{%- endmacro %}

{#- identifier_kind, identifier of everybody who opted in. -#}
{% macro opted_in(purpose) -%}
    {%- for choice in columns_that_declare("opt_in_to", purpose) -%}
    {%- for identifier in personal_identifiers(choice.table) -%}
    select
        '{{ identifier.kind }}' as identifier_kind,
        {{ comparable_identifier(identifier.kind, adapter.quote(identifier.name)) }} as identifier
    from {{ choice.relation }}
    where {{ adapter.quote(choice.column) }}
    union
    {% endfor -%}
    {%- endfor -%}
    select
        null as identifier_kind,
        null as identifier
    where false
{%- endmacro %}
