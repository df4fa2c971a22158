{#-
  How a purge reaches a table, a source's or a built one, from what its YAML declares: its own identifiers
  (`subject_key`, column meta `identifier`), and for a table without any, the row of a source that it belongs to:
  `reached_through: {column: order_id, relation: raw.order_completed, key: order_id}`; chains are allowed.
-#}

{#-
  {label, relation, clock, owners, mentions, personal, replacements, stays, parent}: owners [{kind, column}] strongest
  first; mentions: columns that name another person than the row's own (column meta `mentions: <kind>`); personal: the
  columns that a redaction empties; stays: the row is the business's and is redacted, never deleted (table meta
  `deletion: redact`); parent: {column, key, table} of reached_through, described like this.
-#}
{% macro described_table(declared, above=[]) -%}
    {%- set name = declared.identifier or declared.alias -%}
    {%- set label = declared.schema ~ "." ~ name -%}
    {%- set relation = adapter.get_relation(target.database, declared.schema, name) -%}
    {%- if label in above -%}
        {%- do exceptions.raise_compiler_error(
            "reached_through leads in a circle: " ~ (above + [label]) | join(" → ") ~ ". Break it in one of their sources YAML."
        ) -%}
    {%- endif -%}
    {%- set meta, columns = declared.config.meta, declared.columns.values() | list -%}
    {%- set owners, mentions, personal, replacements = [], [], [], {} -%}
    {%- if meta.get("subject_key") -%}
        {%- do owners.append({"kind": "user_id", "column": meta.subject_key}) -%}
    {%- endif -%}
    {%- for kind in privacy_governance.identifier_kinds() -%}
        {%- for column in columns
            if column.config.meta.get("identifier") == kind and column.name != meta.get("subject_key") -%}
            {%- do owners.append({"kind": kind, "column": column.name}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for column in columns -%}
        {%- if column.config.meta.get("mentions") -%}
            {%- do mentions.append({"kind": column.config.meta.mentions, "column": column.name}) -%}
        {%- endif -%}
        {%- if column.config.meta.get("ccpa_category") != "none" -%}
            {%- do personal.append(column.name) -%}
        {%- endif -%}
        {%- if declared.identifier and column.config.meta.get("redacted_as") is not none -%}
            {%- do replacements.update({column.name: column.config.meta.redacted_as | string}) -%}
        {%- endif -%}
    {%- endfor -%}
    {#- of what is built, the warehouse knows the columns: one that its YAML leaves out is personal -#}
    {%- for column in (adapter.get_columns_in_relation(relation) if relation and not declared.identifier else [])
        if column.name not in declared.columns -%}
        {%- do personal.append(column.name) -%}
    {%- endfor -%}
    {%- set parent = none -%}
    {%- set through = meta.get("reached_through") -%}
    {%- if through -%}
        {%- set parents = [] -%}
        {%- for other in graph.sources.values() if other.schema ~ "." ~ other.identifier == through.relation -%}
            {%- do parents.append(other) -%}
        {%- endfor -%}
        {%- if not parents -%}
            {%- do exceptions.raise_compiler_error(
                label ~ " is reached through " ~ through.relation ~ ", which no sources YAML declares. Declare it, or "
                ~ "correct config.meta.reached_through in " ~ declared.original_file_path ~ "."
            ) -%}
        {%- endif -%}
        {%- set parent = {
            "column": through.column,
            "key": through.key,
            "table": privacy_governance.described_table(parents[0], above + [label]),
        } -%}
    {%- endif -%}
    {{ return({
        "label": label,
        "relation": relation,
        "clock": meta.get("clock"),
        "owners": owners,
        "mentions": mentions,
        "personal": personal,
        "replacements": replacements,
        "stays": meta.get("deletion") == "redact",
        "parent": parent,
    }) }}
{%- endmacro %}

{#- The declared source of a relation ("raw.tracks"); none for what a model builds. -#}
{% macro source_of(label) -%}
    {%- for declared in graph.sources.values() if declared.schema ~ "." ~ declared.identifier == label -%}
        {{ return(declared) }}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}

{#- Raw tables that no subject's identifier leads to, whatever purges them. -#}
{% macro tables_without_a_path() -%}
    {%- set found = [] -%}
    {%- for declared in (graph.sources.values() if execute else []) if declared.schema == "raw" -%}
        {%- set table = namespace(at=privacy_governance.described_table(declared)) -%}
        {%- for _ in range(20) if not table.at.owners and table.at.parent -%}
            {%- set table.at = table.at.parent.table -%}
        {%- endfor -%}
        {%- if not table.at.owners -%}
            {%- do found.append(declared.schema ~ "." ~ declared.identifier) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found | sort) }}
{%- endmacro %}

{#-
  A row goes before the row that it is reached through, or nothing would lead to it any more: the purge of a parent
  depends on those of its children. dbt learns of dependencies from the model's own text, so it has to stand there.
-#}
{% macro require_children_first(label) -%}
    {%- for child in graph.sources.values() if (child.config.meta.get("reached_through") or {}).get("relation") == label -%}
        {%- set name = child.schema ~ "." ~ child.identifier -%}
        {%- for purge in graph.nodes.values()
            if purge.resource_type == "model" and purge.config.materialized == "purge" and purge.config.relation == name
            and purge.unique_id not in model.depends_on.nodes -%}
            {%- do exceptions.raise_compiler_error(
                name ~ " is reached through " ~ label ~ ", so it must be purged before it. Add to " ~ model.original_file_path
                ~ " the line: -- depends_on: {{ ref(\"" ~ purge.name ~ "\") }}"
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}
