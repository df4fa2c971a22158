{#- The rows of the raw tables, as the models of identity read them. -#}

{#-
  CTEs new_<table>: the distinct identifiers of the rows that were loaded since they were last read, a column an
  identifier. Rows may be committed later than they are stamped: a day is read twice. A table without
  `loaded_at_field`, one whose file was replaced, and rows without a stamp are read as a whole.
-#}
{% macro new_identifier_rows(tables) -%}
    {%- for table in tables %}
    {{- "," if not loop.first }}
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
)
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

{#- identifier_kind, identifier of all that was loaded since; not distinct. -#}
{% macro newly_seen_identifiers() -%}
    {%- set tables = identifier_tables() -%}
    {%- if tables -%}
    with {{ new_identifier_rows(tables) }}
    {% for table in tables -%}
    {%- set first = loop.first -%}
    {%- for column in table.columns -%}
    {{ "union all" if not (first and loop.first) }}
    select
        '{{ column.kind }}' as identifier_kind,
        {{ adapter.quote(column.name) }} as identifier
    from new_{{ table.name }}
    {% if column.is_former -%}
    union all
    -- what became a user id may have been a browser's
    select
        'anonymous_id' as identifier_kind,
        {{ adapter.quote(column.name) }} as identifier
    from new_{{ table.name }}
    {% endif -%}
    {%- endfor -%}
    {%- endfor -%}
    {%- else -%}
    select null::text as identifier_kind, null::text as identifier
    {%- endif -%}
{%- endmacro %}

{#- subject_id of all that was loaded since; not distinct. -#}
{% macro newly_seen_subjects() -%}
    {%- set columns = [] -%}
    {%- set tables = identifier_tables() -%}
    {%- for table in tables -%}
        {%- for column in table.columns if column.is_subject -%}
            {%- do columns.append({"table": table.name, "name": column.name}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if columns -%}
    with {{ new_identifier_rows(tables) }}
    {% for column in columns -%}
    select {{ adapter.quote(column.name) }} as subject_id from new_{{ column.table }}
    {{ "union all" if not loop.last }}
    {% endfor -%}
    {%- else -%}
    select null::text as subject_id
    {%- endif -%}
{%- endmacro %}

{#-
  identifier_kind, identifier, linked_kind, linked, is_alias: the strongest identifier of each row with each of its
  others. Two user ids of one row are two people, unless one is declared as the former id of the other.
  What somebody claims at the privacy desk pairs nothing.
-#}
{% macro newly_seen_pairs() -%}
    {%- set pairs = [] -%}
    {%- set tables = identifier_tables() | rejectattr("is_claim") | list -%}
    {%- for table in tables -%}
        {%- set columns = table.columns | rejectattr("is_former") | list -%}
        {%- for column in columns -%}
            {%- set stronger = columns[:loop.index0] -%}
            {%- for other in columns[loop.index:] if other.kind != column.kind -%}
                {%- do pairs.append({
                    "table": table.name, "one": column, "other": other, "other_kind": other.kind, "is_alias": "false",
                    "stronger": stronger,
                }) -%}
            {%- endfor -%}
        {%- endfor -%}
        {%- for former in table.columns if former.is_former -%}
            {%- for subject in table.columns if subject.is_subject -%}
                {%- for kind in ["user_id", "anonymous_id"] -%}
                    {%- do pairs.append({
                        "table": table.name, "one": subject, "other": former, "other_kind": kind,
                        "is_alias": "true" if kind == "user_id" else "false", "stronger": [],
                    }) -%}
                {%- endfor -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if pairs -%}
    with {{ new_identifier_rows(tables) }}
    {% for pair in pairs -%}
    {%- set one, other = adapter.quote(pair.one.name), adapter.quote(pair.other.name) -%}
    select
        '{{ pair.one.kind }}' as identifier_kind,
        {{ one }} as identifier,
        '{{ pair.other_kind }}' as linked_kind,
        {{ other }} as linked,
        {{ pair.is_alias }} as is_alias
    from new_{{ pair.table }}
    where
        {{ one }} is not null and {{ other }} is not null
        {%- if pair.other_kind == pair.one.kind %}
        and {{ one }} <> {{ other }}
        {%- endif %}
        {%- for column in pair.stronger %}
        and {{ adapter.quote(column.name) }} is null
        {%- endfor %}
    {{ "union all" if not loop.last }}
    {% endfor -%}
    {%- else -%}
    select
        null::text as identifier_kind, null::text as identifier, null::text as linked_kind, null::text as linked,
        false as is_alias
    {%- endif -%}
{%- endmacro %}

{#-
  relation, owner_kind, owner_column, owner, clocked_at of every row that has an owner, of raw and of what is built from it
  and purged by itself: the first of its identifiers that is not blank. A row without a clock is older than every request.
-#}
{% macro rows_by_owner() -%}
    {%- set tables = identifier_tables() -%}
    {%- for built in purged_built_tables() -%}
        {%- set columns = [] -%}
        {%- for owner in built.owners -%}
            {%- do columns.append({"kind": owner.kind, "name": owner.column}) -%}
        {%- endfor -%}
        {%- do tables.append({
            "label": built.label, "relation": built.relation.include(database=false), "clock": built.clock, "columns": columns,
        }) -%}
    {%- endfor -%}
    {%- for table in tables -%}
    select
        '{{ table.label }}' as relation,
        case
            {%- for column in table.columns %}
            when {{ comparable_identifier(column.kind, adapter.quote(column.name)) }} is not null then '{{ column.kind }}'
            {%- endfor %}
        end as owner_kind,
        case
            {%- for column in table.columns %}
            when {{ comparable_identifier(column.kind, adapter.quote(column.name)) }} is not null then '{{ column.name }}'
            {%- endfor %}
        end as owner_column,
        coalesce(
            {%- for column in table.columns %}
            {{ comparable_identifier(column.kind, adapter.quote(column.name)) }}{{ "," if not loop.last }}
            {%- endfor %}
        ) as owner,
        {%- if table.clock %}
        coalesce({{ adapter.quote(table.clock) }}::timestamptz, '-infinity') as clocked_at
        {%- else %}
        '-infinity'::timestamptz as clocked_at
        {%- endif %}
    from {{ table.relation }}
    {{ "union all" if not loop.last }}
    {% else -%}
    select
        null::text as relation, null::text as owner_kind, null::text as owner_column, null::text as owner,
        null::timestamptz as clocked_at
    {%- endfor -%}
{%- endmacro %}
