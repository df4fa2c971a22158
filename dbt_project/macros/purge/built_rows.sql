{#- Doomed rows of what a model or snapshot keeps by itself: a purge of its source does not reach them. -#}

{#-
  As doomed_source_rows, for an incremental model, a snapshot, or a table that is built elsewhere than in the night. Its
  own YAML declares it: config.meta of the node (subject_key or reached_through, clock), column meta `identifier`. It
  holds copies, so that its rows go even where the source's row is redacted; only an exception that names it keeps any.
  A row past the period that retention_rules.csv names for it goes too.
-#}
{% macro doomed_built_rows(name) -%}
    {%- do doomed_rows_read() -%}
    {%- set _ = ref(name), ref("retention_rules") -%}
    {%- if not execute -%}
        {{ no_doomed_rows() }}
    {%- else -%}
        {%- set table = described_table(built_node(name)) -%}
        {%- if not table.relation -%}
            {{ no_doomed_rows() }}
        {%- else -%}
            {%- do require_owner(table, name) -%}
            {%- do require_declared_columns(table) -%}
            {{ tombstoned_rows(table) }}
            {%- if table.clock %}
            union all
            {{ expired_rows(table, ["kept." ~ adapter.quote(table.clock) ~ " < " ~ retention_cutoff(table.label)]) }}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- The graph's entry of a model or snapshot. -#}
{% macro built_node(name) -%}
    {%- for node in graph.nodes.values() if node.resource_type in ("model", "snapshot") and node.name == name -%}
        {{ return(node) }}
    {%- endfor -%}
    {%- do exceptions.raise_compiler_error(name ~ " is neither a model nor a snapshot of this project") -%}
{%- endmacro %}

{% macro require_owner(table, name) -%}
    {%- set at = namespace(table=table) -%}
    {%- for _ in range(20) if not at.table.owners and at.table.parent -%}
        {%- set at.table = at.table.parent.table -%}
    {%- endfor -%}
    {%- if not at.table.owners -%}
        {%- do exceptions.raise_compiler_error(
            "nothing leads from a subject to the rows of " ~ table.label ~ ". Give " ~ name ~ " a config.meta.subject_key or "
            ~ "reached_through, or a column of it a config.meta.identifier, in its YAML."
        ) -%}
    {%- endif -%}
{%- endmacro %}

{#- What models and snapshots keep by themselves, names its owners and is purged: described like a source's table. -#}
{% macro purged_built_tables() -%}
    {%- set found, purged = [], purged_relations() -%}
    {%- for node in (graph.nodes.values() | sort(attribute="unique_id") if execute else [])
        if node.resource_type in ("model", "snapshot") and node.config.materialized != "purge"
        and node.schema ~ "." ~ node.alias in purged -%}
        {%- set table = described_table(node) -%}
        {%- if table.relation and table.owners -%}
            {%- do found.append(table) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
