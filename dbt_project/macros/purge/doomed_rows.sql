{#-
  The rows of a source table that tonight dooms: its subject is tombstoned, or its clock ran past its retention.
  One row per doomed row, with where it lies (relation_id, row_id) and why; the purge materialization deletes them.
  Rows of a subject under a hold are never doomed.
-#}
{% macro doomed_source_rows(source_name, table_name) -%}
    {%- set meta = declared_source(source_name, table_name).config.meta if execute else {} -%}
    {{ doomed_rows(source(source_name, table_name), meta.get("subject_key"), "subject_id", meta.get("clock")) }}
{%- endmacro %}

{#- The same for a table of the current release, matched by its pseudonym. -#}
{% macro doomed_release_rows(table_name, clock=none) -%}
    {{ doomed_rows(api.Relation.create(schema="research", identifier=table_name), "subject_token", "research_token", clock) }}
{%- endmacro %}

{% macro doomed_rows(relation, subject_column, matches, clock) -%}
    {%- set tombstoned, held, _ = ref("int_subjects__tombstoned"), ref("int_subjects__held"), ref("retention_rules") -%}
    {%- set existing = adapter.get_relation(target.database, relation.schema, relation.identifier) if execute -%}
    {%- if not existing -%}
        {{ no_doomed_rows() }}
    {%- else -%}
        {%- do require_columns(existing, [subject_column, clock] | select | list) -%}
        {%- set name = relation.schema ~ "." ~ relation.identifier -%}
        {%- if subject_column %}
        select
            doomed.tableoid as relation_id,
            doomed.ctid as row_id,
            subject.ledger_token as subject_token,
            subject.request_id,
            'tombstone' as reason
        from {{ existing.include(database=false) }} as doomed
        inner join {{ tombstoned }} as subject on doomed.{{ adapter.quote(subject_column) }} = subject.{{ matches }}
        {%- endif %}
        {%- if subject_column and clock %}
        union all
        {%- endif %}
        {%- if clock %}
        select
            doomed.tableoid as relation_id,
            doomed.ctid as row_id,
            null as subject_token,
            null as request_id,
            'retention' as reason
        from {{ existing.include(database=false) }} as doomed
        where doomed.{{ adapter.quote(clock) }} < {{ retention_cutoff(name) }}
            {%- if subject_column %}
            and not exists (
                select 1 from {{ tombstoned }} as subject
                where subject.{{ matches }} = doomed.{{ adapter.quote(subject_column) }}
            )
            and not exists (
                select 1 from {{ held }} as held
                where held.{{ matches }} = doomed.{{ adapter.quote(subject_column) }}
            )
            {%- endif %}
        {%- endif %}
    {%- endif -%}
{%- endmacro %}

{% macro no_doomed_rows() -%}
    select null::oid as relation_id, null::tid as row_id, null as subject_token, null as request_id, null as reason
    where false
{%- endmacro %}

{#- The instant before which a row of `relation` is past its period; null, so nothing is doomed, where no rule is. -#}
{% macro retention_cutoff(relation) -%}
    (
        select ({{ night() }}::timestamp - rule.period) at time zone 'UTC'
        from {{ ref("retention_rules") }} as rule
        where rule.relation = '{{ relation }}'
    )
{%- endmacro %}

{% macro require_columns(relation, needed) -%}
    {%- set present = adapter.get_columns_in_relation(relation) | map(attribute="name") | list -%}
    {%- for column in needed if column not in present -%}
        {%- do exceptions.raise_compiler_error(
            relation.include(database=false) ~ " has no column " ~ column ~ ", which its YAML names as subject_key or clock. "
            ~ "Was it renamed upstream? Correct config.meta of the table in its sources YAML."
        ) -%}
    {%- endfor -%}
{%- endmacro %}
