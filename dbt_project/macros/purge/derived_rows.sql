{#- Doomed rows of the tables of subjects and identifiers that this project builds. -#}

{#-
  Of a table that says which identifiers the warehouse holds. Each of `matches` joins it (as kept) to a tombstoned
  identifier (as subject). An identifier of which rows survive tonight stays: whoever asks again must be found by it.
  One whose last row retention takes goes with it; `kinds`: those that the table holds.
-#}
{% macro doomed_identifier_rows(label, matches, kinds=identifier_kinds()) -%}
    {%- do doomed_rows_read() -%}
    {%- set _ = source("governance", "request_identifiers"), source("governance", "deletion_requests") -%}
    {%- do require_people_first() -%}
    {%- set schema, name = label.split(".") -%}
    {%- set existing = adapter.get_relation(target.database, schema, name) if execute -%}
    {%- if not existing -%}
        {{ no_doomed_rows() }}
    {%- else -%}
        with tombstoned as (
            select
                subject.*,
                known.identifier_id
            from {{ found_now("int_identifiers__tombstoned") }} as subject
            inner join {{ ref("int_identifiers__tokenized") }} as known
                on subject.identifier_kind = known.identifier_kind and subject.identifier = known.identifier
        ),

        surviving as (
            {%- for table in identifier_tables() %}
            {%- for column in table.columns %}
            select
                subject.identifier_kind,
                subject.identifier
            from tombstoned as subject
            inner join {{ table.relation }} as kept
                on subject.identifier_kind = '{{ column.kind }}'
                and subject.identifier = {{ comparable(column.kind, "kept." ~ adapter.quote(column.name)) }}
            where
                (
                    (subject.doomed_from > '-infinity' or subject.doomed_until < 'infinity')
                    and not ({{ in_doomed_time("kept", table.clock) }})
                )
                -- found by it again once the exception ends
                or exists ({{ standing_exceptions(table) }} and exception.column_name = '{{ column.name }}')
                or exists ({{ request_exceptions(table) }} and exception.column_name = '{{ column.name }}' and exception.request_id = subject.request_id)
            union all
            {%- endfor %}
            {%- endfor %}
            select
                null::text as identifier_kind,
                null::text as identifier
        ),

        {{ unnamed_identifiers(kinds) }}

        doomed as (
            {%- for match in matches %}
            select
                kept.tableoid as relation_id,
                kept.ctid as row_id,
                kept.xmin as row_version,
                subject.identifier_kind,
                subject.identifier,
                null::bigint as tombstone_id
            from unnamed as subject
            cross join lateral (
                select
                    kept.tableoid,
                    kept.ctid,
                    kept.xmin
                from {{ existing.include(database=false) }} as kept
                where {{ match }}
                offset 0
            ) as kept
            union all
            {%- endfor %}
            {%- for match in matches %}
            select
                kept.tableoid as relation_id,
                kept.ctid as row_id,
                kept.xmin as row_version,
                subject.identifier_kind,
                subject.identifier,
                subject.tombstone_id
            from {{ existing.include(database=false) }} as kept
            inner join tombstoned as subject on {{ match }}
            where not exists (
                select 1 from surviving
                where surviving.identifier_kind = subject.identifier_kind and surviving.identifier = subject.identifier
            )
            {{ "union all" if not loop.last }}
            {%- endfor %}
        )

        select distinct on (relation_id, row_id)
            relation_id,
            row_id,
            row_version,
            case when tombstone_id is null then identifier_kind end as owner_kind,
            case when tombstone_id is null then identifier end as owner,
            tombstone_id,
            case when tombstone_id is null then 'retention' else 'tombstone' end as reason,
            null::text [] as redacted_columns
        from doomed
        order by relation_id, row_id, tombstone_id
    {%- endif -%}
{%- endmacro %}

{#-
  Every row of a person is matched through these tables, so they are purged after all others: a night killed in between
  would not find the rest again. dbt learns of dependencies from the model's own text, so it has to stand there.
-#}
{% macro require_people_first() -%}
    {%- set purges = {} -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type == "model" and node.config.materialized == "purge" -%}
        {%- do purges.update({node.unique_id: node}) -%}
    {%- endfor -%}
    {%- set before = namespace(names=(model.depends_on.nodes if execute else []) | select("in", purges) | list) -%}
    {%- for _ in range(10) -%}
        {%- for name in before.names -%}
            {%- set before.names = before.names + (purges[name].depends_on.nodes | select("in", purges) | reject("in", before.names) | list) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for purge in purges.values()
        if purge.unique_id not in before.names and not purge.name in ("int_identifier_links__doomed", "int_subjects__doomed", "int_identifiers__doomed") -%}
        {%- do exceptions.raise_compiler_error(
            purge.config.relation ~ " is matched through the tables of identifiers, so it must be purged before them. Add to "
            ~ "int_identifier_links__doomed.sql the line: -- depends_on: {{ ref(\"" ~ purge.name ~ "\") }}"
        ) -%}
    {%- endfor -%}
{%- endmacro %}
