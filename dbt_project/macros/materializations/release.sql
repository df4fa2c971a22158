{#-
  A table of the candidate that a release is appended to (see release_base.sql). What is released and stands is neither
  worked out again nor copied: the candidate is a view on it, and where weeks closed since, on those beside it, which are
  a table of their own until they are published (privacy_governance.publishing.contents). The model's own SELECT says
  what they are, and all of the table where what is released doesn't stand.
  config: clock = the column of the week that is released once.
-#}
{% materialization release, adapter="postgres" %}
    {%- set clock, columns = config.require("clock"), contract_columns(model.name) | join(", ") -%}
    {%- set base = standing_base(model.name) -%}
    {%- set candidate = this.incorporate(type="view" if base else "table") -%}
    {%- set closed = beside_candidate("__closed", "table") -%}
    {%- set before = beside_candidate("__before", "view") -%}
    {%- set everything = "select " ~ columns ~ " from " ~ base -%}

    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}
    {%- do drop_relation_if_exists(load_cached_relation(this)) -%}
    {%- do adapter.drop_relation(before) -%}
    {%- do adapter.drop_relation(closed) -%}
    {%- if base is none -%}
        {%- call statement("main") -%} {{ get_create_table_as_sql(false, candidate, sql) }} {%- endcall -%}
    {%- elif has_newly_closed(model.name) -%}
        {%- set since = run_query("select " ~ published_until(model.name)).rows[0][0] -%}
        {%- set newly -%}
            select {{ columns }} from ({{ sql }}) as made where made.{{ clock }} >= date '{{ since }}'
        {%- endset -%}
        {%- call statement("closed") -%} {{ get_create_table_as_sql(false, closed, newly) }} {%- endcall -%}
        {#- by its date: a release that is kept shows no week that is appended after it -#}
        {%- call statement("before") -%}
            {{ get_create_view_as_sql(before, everything ~ " where " ~ clock ~ " < date '" ~ since ~ "'") }}
        {%- endcall -%}
        {#- as the post-hook does with the candidate, which reads what is new with its owner's rights -#}
        {%- call statement("owned") -%}
            alter table {{ closed }} owner to governance_job;
            alter view {{ before }} owner to governance_job
        {%- endcall -%}
        {%- call statement("main") -%}
            {{ get_create_view_as_sql(candidate, everything ~ " union all select " ~ columns ~ " from " ~ closed) }}
        {%- endcall -%}
    {%- else -%}
        {%- call statement("main") -%} {{ get_create_view_as_sql(candidate, everything) }} {%- endcall -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do apply_grants(candidate, config.get("grants"), should_revoke=false) -%}
    {%- do persist_docs(candidate, model) -%}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=false) }}
    {{ return({"relations": [candidate]}) }}
{% endmaterialization %}

{#- A relation beside the candidate's, which readers and rules know nothing of. -#}
{% macro beside_candidate(ending, type) -%}
    {{ return(this.incorporate(path={"identifier": this.identifier ~ ending}, type=type)) }}
{%- endmacro %}
