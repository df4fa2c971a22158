{#-
  The newest release's table of an aggregate, whatever its token period: cells are about no subject, and a period is
  computed once, when it is closed, so that two releases never differ in a cell. None before its first release.
-#}
{% macro cells_base(table_name) -%}
    {%- if privacy_governance.compiles_a_night() -%}
        {{ return(api.Relation.create(schema="research", identifier=table_name)) }}
    {%- endif -%}
    {{ return(release_base(table_name, of_any_period=true)) }}
{%- endmacro %}

{#- Ends an aggregate's model: UNION of the cells that were published already and are not past their period. -#}
{% macro standing_cells(table_name) -%}
    {%- set base, clock = cells_base(table_name), aggregated_models()[table_name] -%}
    {%- if base %}
union all
select
    {%- for column in contract_columns(table_name) %}
    {{ column }}{{ "," if not loop.last }}
    {%- endfor %}
from {{ base }}
where {{ clock }} >= {{ retention_cutoff("research." ~ table_name) }}
    {%- endif -%}
{%- endmacro %}

{#- The periods of an aggregate that tonight's release adds: those that closed since the newest one. -#}
{% macro newly_closed(table_name, column) -%}
    {{ column }} < {{ closed_until(table_name) }}
        and {{ column }} >= coalesce({{ published_until(table_name) }}, '-infinity')
        and {{ column }} >= {{ retention_cutoff("research." ~ table_name) }}
{%- endmacro %}

{#- The rows of a kept aggregate that are past their period, in the columns of `doomed_rows`; nobody leaves a cell. -#}
{% macro expired_cells(schema, table_name) -%}
    {%- do doomed_rows_read() -%}
    {%- set clock = aggregated_models()[table_name] -%}
    {%- set _ = ref("retention_rules") -%}
    {%- set existing = adapter.get_relation(target.database, schema, table_name) if execute -%}
    select
        {{ "kept.tableoid" if existing else "null::oid" }} as relation_id,
        {{ "kept.ctid" if existing else "null::tid" }} as row_id,
        {{ "kept.xmin" if existing else "null::xid" }} as row_version,
        null::text as owner_kind,
        null::text as owner,
        null::bigint as tombstone_id,
        'retention' as reason,
        null::text [] as redacted_columns
    {%- if existing %}
    from {{ existing.include(database=false) }} as kept
    where kept.{{ clock }} < {{ retention_cutoff("research." ~ table_name) }}
    {%- else %}
    where false
    {%- endif %}
{%- endmacro %}
