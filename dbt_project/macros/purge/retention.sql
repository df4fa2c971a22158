{#-
  What is past its period tonight. How long each column may stay stands in int_columns__scheduled; here it meets the rows.
  A row goes when its longest-living personal column may; a column that may go before its row is emptied first.
-#}

{#-
  Events that start a period, by table: [{relation, event, clock_column}]. Table meta `clock` is when a row was collected;
  `clocks: {last_active: ..., contract_ended: ...}` names the others.
-#}
{% macro declared_clocks() -%}
    {%- set found = [] -%}
    {%- for declared in (graph.sources.values() | sort(attribute="unique_id") if execute else []) if declared.schema == "raw" -%}
        {%- set meta, relation = declared.config.meta, declared.schema ~ "." ~ declared.identifier -%}
        {%- if meta.get("clock") -%}
            {%- do found.append({"relation": relation, "event": "collected", "clock_column": meta.clock}) -%}
        {%- endif -%}
        {%- for event, column in (meta.get("clocks") or {}).items() -%}
            {%- do found.append({"relation": relation, "event": event, "clock_column": column}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#- The columns that a table's periods count from, each once; the first is `clock`. -#}
{% macro clock_columns(label) -%}
    {%- set found = [] -%}
    {%- for clock in declared_clocks() if clock.relation == label and clock.clock_column not in found -%}
        {%- do found.append(clock.clock_column) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#- Columns with what they may be generalized to: [{relation, column_name}], from column meta `generalized_as`. -#}
{% macro generalizable_columns() -%}
    {%- set found = [] -%}
    {%- for declared in (graph.sources.values() | sort(attribute="unique_id") if execute else []) if declared.schema == "raw" -%}
        {%- for column in declared.columns.values() if column.config.meta.get("generalized_as") -%}
            {%- do found.append({"relation": declared.schema ~ "." ~ declared.identifier, "column_name": column.name}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#- Tables with a stamp of when a row was loaded, which the warehouse has. -#}
{% macro stamped_tables() -%}
    {%- set found = [] -%}
    {%- for table in declared_tables() if table.is_present -%}
        {%- if loaded_at_column(table.relation) -%}
            {%- do found.append(table.relation) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro loaded_at_column(label) -%}
    {%- set declared = source_of(label) -%}
    {%- set relation = adapter.get_relation(target.database, declared.schema, declared.identifier) -%}
    {%- set present = adapter.get_columns_in_relation(relation) | map(attribute="name") | list if relation else [] -%}
    {{ return(declared.loaded_at_field if declared.loaded_at_field in present else none) }}
{%- endmacro %}

{#-
  The instant before which a row of `label` is past its period, by one of its clocks; null, so nothing is doomed, where a
  rule is missing or an exception suspends it. What a model builds has rules of its own, by relation.
-#}
{% macro retention_cutoff(label, clock_column=none) -%}
    {%- if label.startswith("raw.") -%}
    (
        select cutoff from {{ ref("int_rows__scheduled") }}
        where night = {{ night() }} and relation = '{{ label }}' and clock_column = '{{ clock_column or clock_columns(label) | first }}'
    )
    {%- else -%}
    (
        select {{ period_cutoff("rule.period") }}
        from {{ ref("retention_rules") }} as rule
        where rule.relation = '{{ label }}' and {{ rule_in_force("rule") }}
        order by rule.effective_from desc nulls last, rule.period desc
        limit 1
    )
    {%- endif -%}
{%- endmacro %}

{#-
  The instant before which whatever started `period` (whole days) is past it tonight: the first day from which it reaches
  tonight. Counted forwards, from the event, as the rule says it: backwards from the night, months of unequal length
  come out up to three days off, either way (1 month and 1 day from 30 January end on 1 March, back from it on 31 January).
-#}
{% macro period_cutoff(period) -%}
    (
        select min(day) at time zone 'UTC'
        from generate_series(
            {{ night() }} - {{ period }} - interval '4 days', {{ night() }} - {{ period }} + interval '4 days', interval '1 day'
        ) as day
        where day + {{ period }} >= {{ night() }}
    )
{%- endmacro %}

{% macro rule_in_force(alias) -%}
    {{ night() }} between coalesce({{ alias }}.effective_from, '-infinity') and coalesce({{ alias }}.effective_until, 'infinity')
{%- endmacro %}

{#- Conditions, all of which hold where the row `kept` is past its period. -#}
{% macro past_its_period(label) -%}
    {%- set conditions, clocks = [], clock_columns(label) -%}
    {%- for clock in clocks -%}
        {%- set cutoff = retention_cutoff(label, clock) -%}
        {%- if clocks | length == 1 -%}
            {#- two bounds: the planner takes one, whose value it can't see, for a third of the rows, and would scan all -#}
            {%- do conditions.append("kept." ~ adapter.quote(clock) ~ " >= '-infinity' and kept." ~ adapter.quote(clock) ~ " < " ~ cutoff) -%}
        {%- else -%}
            {#- infinity: no rule counts from this clock, so that nobody waits for it -#}
            {%- do conditions.append("(" ~ cutoff ~ " = 'infinity' or kept." ~ adapter.quote(clock) ~ " < " ~ cutoff ~ ")") -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(conditions) }}
{%- endmacro %}

{#- Personal columns of a described table that the warehouse has. -#}
{% macro expirable_columns(table) -%}
    {%- set found = [] -%}
    {%- set present = adapter.get_columns_in_relation(table.relation) | map(attribute="name") | list -%}
    {%- for name in table.personal if name in present -%}
        {%- do found.append({"name": name, "generalized_as": generalization_of(table, name)}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#- What a column of the row `kept` may be generalized to, as its source's YAML declares it; none where it doesn't. -#}
{% macro generalization_of(table, name) -%}
    {%- set declared = source_of(table.label) -%}
    {%- set as_ = declared.columns[name].config.meta.get("generalized_as") if declared and name in declared.columns -%}
    {{ return(as_ | replace("{column}", "kept." ~ adapter.quote(name)) if as_ else none) }}
{%- endmacro %}

{#-
  Rows of a table with columns past their periods in rows that are not: `expired.columns` names them. A name with
  " (generalized)" is made what its meta `generalized_as` says, the others are emptied. What is so already is left alone.
  {from, where: conditions}; `is_bounded` reads only what expired, or was loaded, since the columns were looked at last.
-#}
{% macro rows_with_expired_columns(table) -%}
    {%- set clocks, columns = clock_columns(table.label), expirable_columns(table) -%}
    {%- set from -%}
        {{ table.relation.include(database=false) }} as kept
    cross join (
        select
            {%- for clock in clocks %}
            {%- set number = loop.index %}
            {%- for column in columns %}
            max(cutoff) filter (where column_name = '{{ column.name }}' and clock_column = '{{ clock }}' and not is_cap)
                as {{ adapter.quote(column.name ~ "_" ~ number) }},
            {%- if clocks | length > 1 %}
            max(cutoff) filter (where column_name = '{{ column.name }}' and clock_column = '{{ clock }}' and is_cap)
                as {{ adapter.quote(column.name ~ "_cap_" ~ number) }},
            {%- endif %}
            {%- endfor %}
            {%- endfor %}
            {%- for column in columns if column.generalized_as %}
            {%- for by in ["", "_cap"] %}
            coalesce(
                bool_or(action = 'generalize_column')
                    filter (where column_name = '{{ column.name }}' and {{ "is_cap" if by else "not is_cap" }}),
                false
            ) as {{ adapter.quote(column.name ~ by ~ "_generalized") }},
            {%- endfor %}
            {%- endfor %}
            count(*) as due_columns
        from {{ ref("int_columns__expiring") }}
        where night = {{ night() }} and relation = '{{ table.label }}'
    ) as due
    cross join lateral (
        select
            array_remove(
                array[
                    {%- for column in columns %}
                    {%- set ends = [{"by": "", "is_past": past_due(clocks, column.name)}] %}
                    {%- if clocks | length > 1 %}
                    {%- do ends.append({"by": "_cap", "is_past": past_a_cap(clocks, column.name)}) %}
                    {%- endif %}
                    case
                        {%- for end in ends %}
                        when {{ end.is_past }}{% if column.generalized_as %} and not due.{{ adapter.quote(column.name ~ end.by ~ "_generalized") }}{% endif %}
                            then case when {{ holds_other_than(table, column.name, replacement(table, column.name)) }} then '{{ column.name }}' end
                        {%- endfor %}
                        {%- for end in (ends if column.generalized_as else []) %}
                        when {{ end.is_past }}
                            then case when {{ holds_other_than(table, column.name, column.generalized_as) }} then '{{ column.name }} (generalized)' end
                        {%- endfor %}
                    end{{ "," if not loop.last }}
                    {%- endfor %}
                ]::text [],
                null
            ) as columns
    ) as expired
    {%- endset -%}
    {%- set conditions = [
        "(select count(*) > 0 from " ~ ref("int_columns__expiring") ~ " where night = " ~ night() ~ " and relation = '" ~ table.label ~ "')",
        "cardinality(expired.columns) > 0",
        "(" ~ past_its_period(table.label) | join(" and ") ~ ") is not true",
    ] -%}
    {{ return({"from": from, "where": conditions}) }}
{%- endmacro %}

{#- All clocks that a column's rules count from are past theirs. -#}
{% macro past_due(clocks, name) -%}
    {%- for clock in clocks -%}
        {%- set cutoff = "due." ~ adapter.quote(name ~ "_" ~ loop.index) -%}
        {%- if clocks | length == 1 -%}
            kept.{{ adapter.quote(clock) }} < {{ cutoff }}
        {%- else -%}
            ({{ cutoff }} is null or kept.{{ adapter.quote(clock) }} < {{ cutoff }}){{ " and " }}
        {%- endif -%}
    {%- endfor -%}
    {%- if clocks | length > 1 -%}
        num_nonnulls({% for clock in clocks %}due.{{ adapter.quote(name ~ "_" ~ loop.index) }}{{ ", " if not loop.last }}{% endfor %}) > 0
    {%- endif -%}
{%- endmacro %}

{#- A clock that only a cap counts from is past it, whatever the others say. -#}
{% macro past_a_cap(clocks, name) -%}
    ({%- for clock in clocks -%}
        kept.{{ adapter.quote(clock) }} < due.{{ adapter.quote(name ~ "_cap_" ~ loop.index) }}{{ " or " if not loop.last }}
    {%- endfor -%})
{%- endmacro %}

{#- One bound of a table's columns that expire before their rows. -#}
{% macro expiring_bound(label, bound) -%}
    (select {{ bound }} from {{ found_now("int_columns__unread") }} where relation = '{{ label }}')
{%- endmacro %}

{#-
  Doomed rows (see doomed_rows.sql) that lose columns only. Of a table with one clock and a stamp of its loads, those that
  came past a cutoff since the night before, and those that were loaded since: two ranges, each by an index where there is
  one. Of others, all that is older than the youngest cutoff.
-#}
{% macro expired_columns(table) -%}
    {%- set clocks = clock_columns(table.label) -%}
    {%- set found = rows_with_expired_columns(table) -%}
    {%- set stamp = loaded_at_column(table.label) -%}
    {%- set spared = doomed_by_a_tombstone(table) + owned_by(table, found_now("int_identifiers__held")) -%}
    {%- if clocks | length > 1 -%}
        {%- set ranges = [[]] -%}
    {%- else -%}
        {%- set clock = "kept." ~ adapter.quote(clocks[0]) -%}
        {#- what is older goes as a row -#}
        {%- set in_its_period = clock ~ " >= coalesce(" ~ retention_cutoff(table.label) ~ ", '-infinity')" -%}
        {%- set ranges = [[
            in_its_period,
            clock ~ " >= " ~ expiring_bound(table.label, "min(read_from)"),
            clock ~ " < " ~ expiring_bound(table.label, "max(cutoff)"),
            expiring_bound(table.label, "min(read_from) < max(cutoff)"),
        ]] -%}
        {%- if stamp -%}
            {#- is true: nearly all rows are so old, so that an index of the clock must not be taken for it -#}
            {%- do ranges.append([
                in_its_period,
                "(" ~ clock ~ " < least(" ~ expiring_bound(table.label, "min(read_from)") ~ ", " ~ expiring_bound(table.label, "max(cutoff)") ~ ")) is true",
                "kept." ~ adapter.quote(stamp) ~ " <= 'infinity'",
                "kept." ~ adapter.quote(stamp) ~ " >= " ~ expiring_bound(table.label, "min(loaded_from)"),
                expiring_bound(table.label, "min(read_from) > '-infinity'"),
            ]) -%}
        {%- endif -%}
    {%- endif -%}
    {%- for range in ranges %}
    {{ "union all" if not loop.first }}
    select
        kept.tableoid as relation_id,
        kept.ctid as row_id,
        kept.xmin as row_version,
        {{ row_owner(table, owner_kind) }} as owner_kind,
        {{ row_owner(table, owner_value) }} as owner,
        null as tombstone_id,
        'retention' as reason,
        expired.columns as redacted_columns
    from {{ found.from }}
    where
        {{ (range + found.where) | join("\n        and ") }}
        {%- for among in spared %}
        and not {{ among }}
        {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{#- What a generalization puts into a column, by the name that a plan's redacted_columns has: {name: expression}. -#}
{% macro generalizations(table) -%}
    {%- set found = {} -%}
    {%- for column in expirable_columns(table) if column.generalized_as -%}
        {%- do found.update({column.name ~ " (generalized)": column.generalized_as}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#-
  What this project builds that rows grow old in: [{relation, rule, clock}]; `rule` is the relation that its rule names. The
  releases, and whatever incremental model, table or snapshot names its clock in config.meta.clock.
-#}
{% macro built_with_clock() -%}
    {%- set found, named = [], [] -%}
    {%- set released = {"research_events": "occurred_week_on", "research_survey_responses": "submitted_quarter_on"} -%}
    {%- do released.update(aggregated_models()) -%}
    {%- for name, clock in released.items() -%}
        {%- for schema in ["research", "research_previous", "research_candidate"] -%}
            {%- do named.append({"schema": schema, "name": name, "rule": "research." ~ name, "clock": clock}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for node in (graph.nodes.values() | sort(attribute="unique_id") if execute else [])
        if node.resource_type in ("model", "snapshot") and node.config.materialized not in ("view", "purge") and node.config.meta.get("clock") -%}
        {%- do named.append({"schema": node.schema, "name": node.alias, "rule": node.schema ~ "." ~ node.alias, "clock": node.config.meta.clock}) -%}
    {%- endfor -%}
    {%- set is_compiled = compiles_a_night() -%}
    {%- for built in (named if execute else []) if is_compiled or adapter.get_relation(target.database, built.schema, built.name) -%}
        {%- do found.append({"relation": built.schema ~ "." ~ built.name, "rule": built.rule, "clock": built.clock}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#- Snapshots and incremental models that keep rows by themselves: neither purged nor with a clock that a rule could count from. -#}
{% macro built_without_clock() -%}
    {%- set found, purged = [], purged_relations() -%}
    {%- for node in (graph.nodes.values() | sort(attribute="unique_id") if execute else [])
        if (node.resource_type == "snapshot" or (node.resource_type == "model" and node.config.materialized == "incremental"))
        and not node.config.meta.get("clock") and node.schema ~ "." ~ node.alias not in purged -%}
        {%- do found.append({"relation": node.schema ~ "." ~ node.alias, "file": node.original_file_path}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
