{#-
  A model materialized as `purge` builds nothing that stays: its SELECT names the doomed rows of one relation (see
  doomed_rows.sql), and they are purged with their receipts, so that a receipt exists if and only if its rows are gone.
  The night plans first (privacy_governance.purging): the SELECT has then been run into a table of the model's name,
  marked with the plan's digest, and is not run again. Without a plan of this night the table is made here.
  config: relation = the relation that loses the rows ("raw.tracks").
-#}
{% materialization purge, adapter="postgres" %}
    {%- set label = config.require("relation") -%}
    {%- set schema, identifier = label.split(".") -%}
    {%- set relation = adapter.get_relation(target.database, schema, identifier) -%}

    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {%- if relation is none -%}
        {%- call statement("main") -%} select 0 as purged_rows {%- endcall -%}
        {{ adapter.commit() }}
    {%- else -%}
        {%- if not is_planned(this) -%}
            {%- call statement("plan") -%} {{ plan_purge_statement(this, sql) }} {%- endcall -%}
            {{ adapter.commit() }}
        {%- endif -%}
        {#- psycopg2 begins a transaction by itself; the procedure ends its own, a batch each -#}
        {%- call statement("outside", auto_begin=false) -%} commit {%- endcall -%}
        {%- call statement("main", auto_begin=false) -%} {{ carry_out_purge_statement(this, label) }} {%- endcall -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=false) }}
    {%- do adapter.cache_dropped(this) -%}
    {{ return({"relations": []}) }}
{% endmaterialization %}

{#- Whether a table of this night's plan stands ready. -#}
{% macro is_planned(planned) -%}
    {%- set found = run_query(adapter.dispatch("planned_statement", "privacy_governance")(planned)) -%}
    {{ return(found.rows[0][0]) }}
{%- endmacro %}

{% macro postgres__planned_statement(planned) -%}
    select coalesce(
        obj_description(to_regclass('{{ planned.include(database=false) }}'), 'pg_class')
        like 'purge plan % of ' || {{ night() }} || ' after %',
        false
    ) as is_planned
{%- endmacro %}

{% macro plan_purge_statement(planned, doomed_sql) -%}
    {{ return(adapter.dispatch("plan_purge_statement", "privacy_governance")(planned, doomed_sql)) }}
{%- endmacro %}

{% macro postgres__plan_purge_statement(planned, doomed_sql) -%}
    {%- set groups = planned.incorporate(path={"identifier": planned.identifier ~ "_groups"}) %}
    select governance.prepare_plan();
    drop table if exists {{ planned.include(database=false) }}, {{ groups.include(database=false) }};
    create unlogged table {{ planned.include(database=false) }} with (autovacuum_enabled = off) as
    select
        doomed.*,
        1::bigint as planned_rows,
        null::text as held_digest,
        0 as batch
    from (
        {{ doomed_sql }}
    ) as doomed;
    select governance.group_planned('{{ planned.include(database=false) }}');
    select governance.clear_plan()
{%- endmacro %}

{% macro carry_out_purge_statement(planned, label) -%}
    {{ return(adapter.dispatch("carry_out_purge_statement", "privacy_governance")(planned, label)) }}
{%- endmacro %}

{% macro postgres__carry_out_purge_statement(planned, label) -%}
    {%- set declared = source_of(label) -%}
    {%- set meta = model.config.meta -%}
    {%- set limit = (declared.config.meta if declared else {}).get("purge_limit", meta.purge_limit) -%}
    {%- set replacements = {} -%}
    {%- if declared -%}
        {%- set table = described_table(declared) -%}
        {%- do replacements.update(table.replacements) -%}
        {%- do replacements.update(generalizations(table)) -%}
    {%- endif -%}
    call governance.carry_out_purge(
        '{{ planned.include(database=false) }}',
        '{{ label }}',
        '{{ tojson(replacements) | replace("'", "''") }}'::jsonb,
        {{ meta.batch_rows }},
        {{ meta.pause_share }},
        {{ limit }},
        {{ meta.purge_limit_rows }}
    )
{%- endmacro %}
