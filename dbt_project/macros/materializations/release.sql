{#-
  A table of the candidate that a release is appended to (see release_base.sql). What is released and stands is not
  worked out again: where nothing closed since, the candidate is a view on it; where something did, a copy of it with
  what is new. The model's own SELECT says what that is, and all of it where what is released doesn't stand.
  config: clock = the column of the week that is released once.
-#}
{% materialization release, adapter="postgres" %}
    {%- set clock, columns = config.require("clock"), contract_columns(model.name) | join(", ") -%}
    {%- set base = standing_base(model.name, clock) -%}
    {%- set is_view = base is not none and not has_newly_closed(model.name) -%}
    {%- set candidate = this.incorporate(type="view" if is_view else "table") -%}
    {%- set existing = load_cached_relation(this) -%}

    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}
    {%- do drop_relation_if_exists(existing) -%}
    {%- call statement("main") -%}
        {%- if is_view -%}
            {{ get_create_view_as_sql(candidate, "select " ~ columns ~ " from " ~ base) }}
        {%- elif base is not none -%}
            {%- set newly -%}
                select {{ columns }} from ({{ sql }}) as made where made.{{ clock }} >= {{ published_until(model.name) }}
            {%- endset -%}
            {{ get_create_table_as_sql(false, candidate, "select " ~ columns ~ " from " ~ base ~ " union all " ~ newly) }}
        {%- else -%}
            {{ get_create_table_as_sql(false, candidate, sql) }}
        {%- endif -%}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {%- do apply_grants(candidate, config.get("grants"), should_revoke=false) -%}
    {%- do persist_docs(candidate, model) -%}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=false) }}
    {{ return({"relations": [candidate]}) }}
{% endmaterialization %}
