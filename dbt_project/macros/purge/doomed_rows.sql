{#-
  The rows of a source table that tonight dooms, one row a doomed row:
  relation_id, row_id, row_version   where it lies: tableoid, ctid, xmin; a row that was changed since is another row.
                                     Without row_id: all rows of the partition relation_id
  owner_kind, owner                  whose it is, where no tombstone says so: its first identifier that is not blank. Holds
                                     are asked by it
  tombstone_id, reason               why: the 'tombstone' of a subject under a request, or 'retention'
  redacted_columns                   null: the row goes; else these columns of it are emptied, and it stays
  The purge materialization carries it out. Rows whose owner is under a hold are never doomed, and a tombstone dooms only
  those rows `kept` of which the condition `tombstoned_if` holds.
-#}
{% macro doomed_source_rows(source_name, table_name, tombstoned_if="") -%}
    {%- do doomed_rows_read() -%}
    {%- do source(source_name, table_name) -%}
    {%- if not execute -%}
        {{ no_doomed_rows() }}
    {%- else -%}
        {%- set table = described_table(declared_source(source_name, table_name)) -%}
        {%- do table.update({"tombstoned_if": tombstoned_if}) -%}
        {%- do require_children_first(table.label) -%}
        {%- if not table.relation -%}
            {{ no_doomed_rows() }}
        {%- else -%}
            {%- do require_declared_columns(table) -%}
            {{ tombstoned_rows(table) }}
            {%- if table.clock %}
            union all
            {{ expired_rows(table, past_its_period(table.label)) }}
            union all
            {%- if is_partitioned(table.relation) %}
            {{ expired_partitions(table) }}
            union all
            {%- endif %}
            {{ expired_columns(table) }}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- What a purge reads, its plan too; named while dbt parses, so that it builds them before. -#}
{% macro doomed_rows_read() -%}
    {%- set _ = ref("int_identifiers__tombstoned"), ref("int_identifiers__held"), ref("int_subjects__tombstoned"),
        ref("int_subjects__held"), ref("int_subjects__surviving"), ref("int_subjects__tokenized"),
        ref("int_identifiers__tokenized"), ref("int_rows__scheduled"), ref("int_columns__expiring"), ref("int_columns__unread"),
        ref("int_partitions__expired"),
        ref("deletion_exceptions"),
        source("governance", "tombstones") -%}
{%- endmacro %}

{#-
  The table `view`_now, in which a plan finds what the view says: made before it, dropped after it, and no other's to ask
  (governance.prepare_plan).
-#}
{% macro found_now(view) -%}
    {%- set asked = ref(view) -%}
    {{ return(asked.incorporate(path={"identifier": asked.identifier ~ "_now"}).include(database=false)) }}
{%- endmacro %}

{% macro no_doomed_rows() -%}
    select
        null::oid as relation_id,
        null::tid as row_id,
        null::xid as row_version,
        null::text as owner_kind,
        null::text as owner,
        null::bigint as tombstone_id,
        null::text as reason,
        null::text [] as redacted_columns
    where false
{%- endmacro %}

{#- Rows of tombstoned owners: a branch a kind of identifier, so that an index on its column can serve it. -#}
{% macro tombstoned_rows(table) -%}
    {%- set kept = table.relation.include(database=false) -%}
    {%- set holder = holder_of(table) -%}
    {%- set branches = [] -%}
    {%- for owner in table.owners -%}
        {%- do branches.append({"at": "kept", "clock": table.clock, "owner": owner, "blank": blanks("kept", table.owners[:loop.index0])}) -%}
    {%- endfor -%}
    {%- for owner in holder.owners -%}
        {%- do branches.append({
            "at": holder.alias, "clock": holder.clock, "owner": owner,
            "blank": blanks(holder.alias, holder.owners[:loop.index0]) + blanks("kept", table.owners),
        }) -%}
    {%- endfor -%}
    {%- for branch in branches %}
        {{ "union all" if not loop.first }}
        {%- if not table.stays %}
        {{ owned_rows(table, branch, holder, is_redaction=false) }}
        union all
        {%- endif %}
        {{ owned_rows(table, branch, holder, is_redaction=true) }}
    {%- else %}
        {{ no_doomed_rows() }}
    {%- endfor %}
    {%- for mention in table.mentions %}
        {%- set name = "kept." ~ adapter.quote(mention.column) %}
        union all
        -- somebody else's row: only the mention goes
        select
            kept.tableoid as relation_id,
            kept.ctid as row_id,
            kept.xmin as row_version,
            null as owner_kind,
            null as owner,
            subject.tombstone_id,
            'tombstone' as reason,
            array['{{ mention.column }}'] as redacted_columns
        from {{ kept }} as kept
        inner join {{ found_now("int_identifiers__tombstoned") }} as subject
            on subject.identifier_kind = '{{ mention.kind }}' and {{ comparable(mention.kind, name) }} = subject.identifier
        where
            {{ somebody_is_tombstoned(mention.kind) }}
            and {{ in_doomed_time("kept", table.clock) }}
            and {{ name }} is distinct from {{ replacement(table, mention.column) }}
            {%- for among in owned_by(table, found_now("int_identifiers__tombstoned"), in_time=true) %}
            and not {{ among }}
            {%- endfor %}
    {%- endfor %}
{%- endmacro %}

{#-
  Rows of one kind of owner that go, or those that an exception keeps and that are redacted. Two queries, because one
  that decides row by row hides from the planner how many rows there are. A relation without exceptions costs the second
  one nothing: it ends before it reads a row.
-#}
{% macro owned_rows(table, branch, holder, is_redaction) -%}
        select{{ " distinct on (kept.tableoid, kept.ctid)" if branch.at != "kept" }}
            kept.tableoid as relation_id,
            kept.ctid as row_id,
            kept.xmin as row_version,
            null as owner_kind,
            null as owner,
            subject.tombstone_id,
            'tombstone' as reason,
            {{ "redaction.columns" if is_redaction else "null::text []" }} as redacted_columns
        from {{ table.relation.include(database=false) }} as kept
        {%- if branch.at != "kept" %}
        inner join {{ holder.tables }} on {{ holder.condition }}
        {%- endif %}
        inner join {{ found_now("int_identifiers__tombstoned") }} as subject
            on subject.identifier_kind = '{{ branch.owner.kind }}'
            and {{ comparable(branch.owner.kind, branch.at ~ "." ~ adapter.quote(branch.owner.column)) }} = subject.identifier
        {%- if is_redaction %}
        cross join lateral {{ redaction(table) }}
        {%- endif %}
        where
            {{ somebody_is_tombstoned(branch.owner.kind) }}
            and {{ in_doomed_time(branch.at, branch.clock) }}
            {%- for blank in branch.blank %}
            and {{ blank }}
            {%- endfor %}
            {%- if table.tombstoned_if %}
            and {{ table.tombstoned_if }}
            {%- endif %}
            {%- if not is_redaction %}
            and not exists ({{ standing_exceptions(table) }})
            {#- asked once, not for every row: an anti join took as long as a third of the match -#}
            and not coalesce(subject.request_id = any(array({{ request_exceptions(table) }})), false)
            {%- else %}
            and {{ still_to_redact(table) }}
            {%- if not table.stays %}
            and (exists ({{ standing_exceptions(table) }}) or exists ({{ request_exceptions(table) }}))
            and (
                exists ({{ standing_exceptions(table) }})
                or exists ({{ request_exceptions(table) }} and exception.request_id = subject.request_id)
            )
            {%- endif %}
            {%- endif %}
{%- endmacro %}

{#- Asked before the table is: where nobody is, no row of it is read, whatever way of joining the planner thinks best. -#}
{% macro somebody_is_tombstoned(kind) -%}
    exists (
                select 1 from {{ found_now("int_identifiers__tombstoned") }} as anybody
                where anybody.identifier_kind = '{{ kind }}'
            )
{%- endmacro %}

{#- Rows of which all of `past` hold, neither doomed by a tombstone (they are listed already) nor held. -#}
{% macro expired_rows(table, past) -%}
    select
        kept.tableoid as relation_id,
        kept.ctid as row_id,
        kept.xmin as row_version,
        {{ row_owner(table, owner_kind) }} as owner_kind,
        {{ row_owner(table, owner_value) }} as owner,
        null as tombstone_id,
        'retention' as reason,
        null::text [] as redacted_columns
    from {{ rows_out_of_expired_partitions(table) if is_partitioned(table.relation) else table.relation.include(database=false) ~ " as kept" }}
    where
        {{ past | join("\n        and ") }}
        {%- for among in doomed_by_a_tombstone(table) + owned_by(table, found_now("int_identifiers__held")) %}
        and not {{ among }}
        {%- endfor %}
{%- endmacro %}

{% macro require_declared_columns(table) -%}
    {%- set needed = table.owners | map(attribute="column") | list + table.mentions | map(attribute="column") | list
        + [table.clock] | select | list + ([table.parent.column] if table.parent else []) -%}
    {%- do require_columns(table.relation, needed) -%}
    {%- if table.parent and table.parent.table.relation -%}
        {%- do require_columns(table.parent.table.relation, [table.parent.key]) -%}
    {%- endif -%}
{%- endmacro %}

{% macro require_columns(relation, needed) -%}
    {%- set present = adapter.get_columns_in_relation(relation) | map(attribute="name") | list -%}
    {%- for column in needed if column not in present -%}
        {%- do exceptions.raise_compiler_error(
            relation.include(database=false) ~ " has no column " ~ column ~ ", which its YAML names as subject_key, "
            ~ "identifier, clock or reached_through. Was it renamed upstream? Correct the table's entry in its sources YAML."
        ) -%}
    {%- endfor -%}
{%- endmacro %}
