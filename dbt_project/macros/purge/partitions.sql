{#- Partitions that are past their period as a whole, by their bounds: planned without being read. -#}

{% macro is_partitioned(relation) -%}
    {%- set found = run_query("select relkind = 'p' as is_partitioned from pg_class where oid = to_regclass('" ~ relation.include(database=false) ~ "')") -%}
    {{ return(found.rows | length > 0 and found.rows[0][0]) }}
{%- endmacro %}

{#-
  partition_id, begins_at, ends_at of a table's expired partitions without a row that names anybody held. One with such a
  row is read as any other rows are, and loses them one by one.
-#}
{% macro droppable_partitions(table) -%}
    {%- set kept = table.relation.include(database=false) -%}
    {%- set within = "kept." ~ adapter.quote(table.clock) ~ " >= expired.begins_at and kept." ~ adapter.quote(table.clock) ~ " < expired.ends_at" -%}
    {%- set holder = holder_of(table) -%}
    select
        expired.partition_id,
        expired.begins_at,
        expired.ends_at
    from {{ ref("int_partitions__expired") }} as expired
    where
        expired.relation = '{{ table.label }}'
        {#- LIMIT keeps each a question of its own, asked of one partition: a join would read all of them -#}
        {%- for owner in table.owners %}
        and (
            select true
            from {{ found_now("int_identifiers__held") }} as subject
            inner join {{ kept }} as kept on {{ comparable(owner.kind, "kept." ~ adapter.quote(owner.column)) }} = subject.identifier
            where subject.identifier_kind = '{{ owner.kind }}' and {{ within }}
            limit 1
        ) is null
        {%- endfor %}
        {%- for owner in holder.owners %}
        and (
            select true
            from {{ found_now("int_identifiers__held") }} as subject
            inner join {{ holder.tables }}
                on {{ comparable(owner.kind, holder.alias ~ "." ~ adapter.quote(owner.column)) }} = subject.identifier
            inner join {{ kept }} as kept on {{ holder.condition }}
            where subject.identifier_kind = '{{ owner.kind }}' and {{ within }}
            limit 1
        ) is null
        {%- endfor %}
{%- endmacro %}

{#- Those partitions, in the columns of doomed rows. -#}
{% macro expired_partitions(table) -%}
    select
        expired.partition_id as relation_id,
        null::tid as row_id,
        null::xid as row_version,
        null::text as owner_kind,
        null::text as owner,
        null::bigint as tombstone_id,
        'retention' as reason,
        null::text [] as redacted_columns
    from ({{ droppable_partitions(table) }}) as expired
{%- endmacro %}

{#-
  The table's rows (as kept) before its cutoff that lie in none of them: a range of the clock at a time, so that the
  planner passes over the other partitions.
-#}
{% macro rows_out_of_expired_partitions(table) -%}
    {%- set clock = adapter.quote(table.clock) -%}
    (
        select
            coalesce(lower(span.times), '-infinity') as read_from,
            upper(span.times) as read_until
        from (select {{ retention_cutoff(table.label) }} as cutoff) as past
        cross join lateral unnest(
            tstzmultirange(tstzrange(null, past.cutoff))
            - coalesce(
                (
                    select range_agg(tstzrange(nullif(droppable.begins_at, '-infinity'), droppable.ends_at))
                    from ({{ droppable_partitions(table) }}) as droppable
                ),
                '{}'
            )
        ) as span (times)
        where past.cutoff is not null
    ) as spans
    cross join lateral (
        select
            each.tableoid,
            each.ctid,
            each.xmin,
            each.*
        from {{ table.relation.include(database=false) }} as each
        where each.{{ clock }} >= spans.read_from and each.{{ clock }} < spans.read_until
        offset 0
    ) as kept
{%- endmacro %}
