{#-
  A model materialized as `purge` builds nothing: its SELECT names the doomed rows of one relation
  (relation_id, row_id, subject_token, request_id, reason), and they are deleted in the statement that
  writes their receipts, so that a receipt exists if and only if its rows are gone. Run again, it finds none.
  config: relation = the relation that loses the rows ("raw.tracks").
-#}
{% materialization purge, adapter="postgres" %}
    {%- set schema, identifier = config.require("relation").split(".") -%}
    {%- set relation = adapter.get_relation(target.database, schema, identifier) -%}

    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}

    {%- call statement("main") -%}
        {%- if relation is none -%}
            select 0 as purged_rows
        {%- else -%}
            {{ purge_statement(relation, sql) }}
        {%- endif -%}
    {%- endcall -%}

    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=false) }}
    {{ return({"relations": []}) }}
{% endmaterialization %}

{% macro purge_statement(relation, doomed_sql) -%}
    {{ return(adapter.dispatch("purge_statement", "privacy_governance")(relation, doomed_sql)) }}
{%- endmacro %}

{% macro postgres__purge_statement(relation, doomed_sql) -%}
    with doomed as materialized (
        {{ doomed_sql }}
    ),

    purged as (
        delete from {{ relation.include(database=false) }} as kept
        using doomed
        where kept.tableoid = doomed.relation_id and kept.ctid = doomed.row_id
        returning doomed.subject_token, doomed.request_id, doomed.reason
    )

    insert into governance.purge_receipts (night, relation, reason, subject_token, request_id, purged_rows)
    select
        {{ night() }} as night,
        '{{ relation.schema }}.{{ relation.identifier }}' as relation,
        purged.reason,
        purged.subject_token,
        purged.request_id,
        count(*) as purged_rows
    from purged
    group by purged.reason, purged.subject_token, purged.request_id
    order by purged.reason, purged.subject_token
{%- endmacro %}
