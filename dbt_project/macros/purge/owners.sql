{#- Whose a row is, and what of it goes: the expressions that the branches of doomed_rows are made of, over `kept`. -#}

{#-
  A column as identifiers are compared. Kinds that are compared as they stand stay bare: an index on them serves, and a
  blank matches nobody, because no identifier of the warehouse is blank.
-#}
{% macro comparable(kind, column) -%}
    {%- if kind in ("email", "phone") -%}
        {{ comparable_identifier(kind, column) }}
    {%- else -%}
        {{ column }}
    {%- endif -%}
{%- endmacro %}

{#- Whether a column holds no identifier; the same as that comparable_identifier is null, as of a telephone number `n/a`. -#}
{% macro is_blank(kind, column) -%}
    {%- if kind in ("email", "phone") -%}
        ({{ comparable_identifier(kind, column) }} is null)
    {%- else -%}
        ({{ column }} is null or {{ column }} !~ '\S')
    {%- endif -%}
{%- endmacro %}

{#- Conditions that all of these identifiers are blank in the row `alias`. -#}
{% macro blanks(alias, owners) -%}
    {%- set conditions = [] -%}
    {%- for owner in owners -%}
        {%- do conditions.append(is_blank(owner.kind, alias ~ "." ~ adapter.quote(owner.column))) -%}
    {%- endfor -%}
    {{ return(conditions) }}
{%- endmacro %}

{#-
  Where a table without an owner of its own finds one: up its reached_through, to the first table that has.
  {tables: parents joined, condition: how the nearest one joins `kept`, alias, owners and clock of the last one}.
-#}
{% macro holder_of(table) -%}
    {%- set chain = namespace(at=table, alias="kept", tables="", condition="", owners=[], clock=none) -%}
    {%- for step in range(20) if chain.at.parent and not chain.owners -%}
        {%- set parent, alias = chain.at.parent, "parent_" ~ loop.index -%}
        {%- set chain.at = parent.table if parent.table.relation else {} -%}
        {%- if chain.at -%}
            {%- set condition = chain.alias ~ "." ~ adapter.quote(parent.column) ~ " = " ~ alias ~ "." ~ adapter.quote(parent.key) -%}
            {%- set named = parent.table.relation.include(database=false) ~ " as " ~ alias -%}
            {%- if chain.alias == "kept" -%}
                {%- set chain.tables, chain.condition = named, condition -%}
            {%- else -%}
                {%- set chain.tables = chain.tables ~ " inner join " ~ named ~ " on " ~ condition -%}
            {%- endif -%}
            {%- set chain.alias, chain.owners, chain.clock = alias, parent.table.owners, parent.table.clock -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return({"tables": chain.tables, "condition": chain.condition, "alias": chain.alias, "owners": chain.owners, "clock": chain.clock}) }}
{%- endmacro %}

{#- Kind of the first identifier that is not blank in the row `alias`; null where all are. -#}
{% macro owner_kind(alias, owners) -%}
    case
        {%- for owner in owners %}
            when not {{ is_blank(owner.kind, alias ~ "." ~ adapter.quote(owner.column)) }} then '{{ owner.kind }}'
        {%- endfor %}
        end
{%- endmacro %}

{#- That identifier itself. -#}
{% macro owner_value(alias, owners) -%}
    case
        {%- for owner in owners %}
            {%- set column = alias ~ "." ~ adapter.quote(owner.column) %}
            when not {{ is_blank(owner.kind, column) }} then {{ comparable(owner.kind, column) }}
        {%- endfor %}
        end
{%- endmacro %}

{#- `expression` (owner_kind or owner_value) of the row `kept`: its own, else that of the row it is reached through. -#}
{% macro row_owner(table, expression) -%}
    {%- set holder = holder_of(table) -%}
    {%- if table.owners and holder.owners -%}
        coalesce({{ expression("kept", table.owners) }}, {{ holders_owner(holder, expression) }})
    {%- elif table.owners -%}
        {{ expression("kept", table.owners) }}
    {%- elif holder.owners -%}
        {{ holders_owner(holder, expression) }}
    {%- else -%}
        null::text
    {%- endif -%}
{%- endmacro %}

{% macro holders_owner(holder, expression) -%}
    (select {{ expression(holder.alias, holder.owners) }} from {{ holder.tables }} where {{ holder.condition }} limit 1)
{%- endmacro %}

{#-
  Conditions, of which one is true where a tombstone dooms the row `kept` tonight: it goes, or loses columns around those that
  an exception keeps. A row that an exception keeps, and that lost them before, ends with its period as any other.
-#}
{% macro doomed_by_a_tombstone(table) -%}
    {%- set doomed -%}
    and (
                    (
                        not exists ({{ standing_exceptions(table) }})
                        and not exists ({{ request_exceptions(table) }} and exception.request_id = subject.request_id)
                    )
                    or exists (
                        select 1
                        from {{ redaction(table) }}
                        where {{ still_to_redact(table) }}
                    )
                )
    {%- endset -%}
    {{ return(owned_by(table, found_now("int_identifiers__tombstoned"), in_time=true, and_also=doomed)) }}
{%- endmacro %}

{#-
  Conditions, of which one is true where the owner of `kept` is in `identifiers`: a relation of identifier_kind, identifier.
  `and_also` narrows that; to it, it is `subject`.
-#}
{% macro owned_by(table, identifiers, in_time=false, and_also="") -%}
    {%- set conditions, holder = [], holder_of(table) -%}
    {%- if table.owners -%}
        {%- set condition -%}
        exists (
            select 1 from {{ identifiers }} as subject
            where
                subject.identifier_kind = {{ owner_kind("kept", table.owners) }}
                and subject.identifier = {{ owner_value("kept", table.owners) }}
                {%- if in_time %}
                and {{ in_doomed_time("kept", table.clock) }}
                {%- endif %}
                {{ and_also }}
        )
        {%- endset -%}
        {%- do conditions.append(condition) -%}
    {%- endif -%}
    {%- if holder.owners -%}
        {%- set condition -%}
        exists (
            select 1
            from {{ identifiers }} as subject
            inner join {{ holder.tables }}
                on subject.identifier_kind = {{ owner_kind(holder.alias, holder.owners) }}
                and subject.identifier = {{ owner_value(holder.alias, holder.owners) }}
            where
                {{ holder.condition }}
                {%- for blank in blanks("kept", table.owners) %}
                and {{ blank }}
                {%- endfor %}
                {%- if in_time %}
                and {{ in_doomed_time(holder.alias, holder.clock) }}
                {%- endif %}
                {{ and_also }}
        )
        {%- endset -%}
        {%- do conditions.append(condition) -%}
    {%- endif -%}
    {{ return(conditions) }}
{%- endmacro %}

{#- The row's time lies in the time that the tombstone dooms; a row without a clock is older than every request. -#}
{% macro in_doomed_time(alias, clock) -%}
    {%- set time = "coalesce(" ~ alias ~ "." ~ adapter.quote(clock) ~ ", '-infinity')" if clock else "timestamptz '-infinity'" -%}
    {{ time }} >= subject.doomed_from
            and {{ time }} < subject.doomed_until
{%- endmacro %}

{#- What stands in a column after its redaction. -#}
{% macro replacement(table, column) -%}
    {%- if column in table.replacements -%}
        '{{ table.replacements[column] | replace("'", "''") }}'
    {%- else -%}
        null
    {%- endif -%}
{%- endmacro %}

{#-
  What a redaction empties, as `redaction.columns`: the personal columns but for those that an exception leaves in place, and
  for what tells the row's age, which it needs to end with its period. Fenced by the offset: found once a subject; without
  it the planner puts the whole query wherever a column is asked for, and takes longer to plan than to read the table.
-#}
{% macro redaction(table) -%}
    {%- set emptied = table.personal | reject("in", clock_columns(table.label) + [table.clock]) | list -%}
    (
            select array(
                select personal.column_name
                from unnest({{ "array['" ~ emptied | join("', '") ~ "']" if emptied else "'{}'" }}::text []) as personal (column_name)
                where
                    not exists ({{ standing_exceptions(table) }} and exception.column_name = personal.column_name)
                    and not exists (
                        {{ request_exceptions(table) }}
                        and exception.column_name = personal.column_name
                        and exception.request_id = subject.request_id
                    )
                order by 1
            ) as columns
            offset '0'
            ) as redaction
{%- endmacro %}

{#- Columns of the table that every deletion leaves in place tonight (Civ. Code 1798.105(d)). -#}
{% macro standing_exceptions(table) -%}
    select 1 from {{ ref("deletion_exceptions") }} as exception
                where exception.relation = '{{ table.label }}' and exception.expires_on >= {{ night() }}
{%- endmacro %}

{#-
  Columns of the table that a request leaves in place tonight: as a plan finds governance.honoured_exceptions
  (governance.prepare_plan).
-#}
{% macro request_exceptions(table) -%}
    select exception.request_id from intermediate.honoured_exceptions_now as exception
                where exception.relation = '{{ table.label }}' and coalesce(exception.expires_on, 'infinity') >= {{ night() }}
{%- endmacro %}

{#- Something of it is not redacted yet: a row is redacted once, not every night. -#}
{% macro still_to_redact(table) -%}
    (
                false
                {%- for column in table.personal %}
                or (
                    {{ holds_other_than(table, column, replacement(table, column)) }}
                    and '{{ column }}' = any(redaction.columns)
                )
                {%- endfor %}
            )
{%- endmacro %}

{#-
  Whether the row `kept` holds anything but `value` in a column. One that the warehouse computes follows from others, and is
  asked by them: what it comes to once they are emptied need not be null.
-#}
{% macro holds_other_than(table, column, value) -%}
    {%- set computed_from = computed_columns(table).get(column) -%}
    {%- if computed_from is none -%}
        kept.{{ adapter.quote(column) }} is distinct from {{ value }}
    {%- else -%}
        (
            false
            {%- for origin in computed_from %}
            {%- set generalized_as = generalization_of(table, origin) %}
            or (
                kept.{{ adapter.quote(origin) }} is distinct from {{ replacement(table, origin) }}
                {%- if generalized_as %}
                and kept.{{ adapter.quote(origin) }} is distinct from {{ generalized_as }}
                {%- endif %}
            )
            {%- endfor %}
        )
    {%- endif -%}
{%- endmacro %}

{#- Columns that the warehouse computes, with those that it computes them from: {name: [names]}; asked once a table. -#}
{% macro computed_columns(table) -%}
    {%- if "computed" not in table -%}
        {%- set found = {} -%}
        {%- for row in run_query(adapter.dispatch("computed_columns_statement", "privacy_governance")(table.relation)).rows -%}
            {%- do found.setdefault(row[0], []).extend([row[1]] if row[1] else []) -%}
        {%- endfor -%}
        {%- do table.update({"computed": found}) -%}
    {%- endif -%}
    {{ return(table.computed) }}
{%- endmacro %}

{% macro postgres__computed_columns_statement(relation) -%}
    select
        column_name,
        origin
    from governance.computed_columns
    where relation_id = '{{ relation.include(database=false) }}'::regclass
    order by 1, 2
{%- endmacro %}
