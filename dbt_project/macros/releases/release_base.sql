{#-
  The newest release, wherever it stands: a rollback puts it aside, but nobody who read it forgets it, so the next
  release goes on from it. {schema, is_of_this_period, is_of_this_policy}; none before the first release.
-#}
{% macro newest_release() -%}
    {%- if execute -%}
        {%- set found = run_query("
            select
                case
                    when newest.release_id = (
                        select coalesce(standing.returns_to, standing.release_id) from governance.releases as standing
                        order by standing.release_id desc limit 1
                    ) then 'research'
                    else 'research_previous'
                end,
                newest.period is not distinct from (select max(period) from governance.key_periods),
                newest.policy_digest = current_setting('governance.policy_digest', true)
            from governance.releases as newest
            where newest.kind = 'publish'
            order by newest.release_id desc
            limit 1
        ").rows -%}
        {%- if found -%}
            {{ return({
                "schema": found[0][0],
                "is_of_this_period": found[0][1],
                "is_of_this_policy": found[0][2],
            }) }}
        {%- endif -%}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}

{#-
  A table of the newest release; none where there is none, or (unless asked for) only one with the tokens of before.
  While a night compiles, as if it were there: a model's trace must not depend on what was released already.
-#}
{% macro release_base(table_name, of_any_period=false) -%}
    {%- if privacy_governance.compiles_a_night() and not of_any_period -%}
        {{ return(api.Relation.create(schema="research", identifier=table_name)) }}
    {%- endif -%}
    {%- set newest = privacy_governance.newest_release() -%}
    {%- if newest and (newest.is_of_this_period or of_any_period) -%}
        {%- set existing = adapter.get_relation(target.database, newest.schema, table_name) -%}
        {{ return(existing.include(database=false) if existing else none) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}

{#-
  The newest release's table, where all of it belongs to tonight's candidate as it is: published under tonight's policy,
  and readers see it. Else none. Tonight's purge took from it what has to leave: members who are withdrawn, expired rows,
  classes that this leaves unsafe. It isn't looked at again here, which would take a reading of it every night: the rules
  ask the candidate, whoever made it.
-#}
{% macro standing_base(table_name) -%}
    {%- set newest = privacy_governance.newest_release() -%}
    {%- if not newest or newest.schema != "research" or not newest.is_of_this_period or not newest.is_of_this_policy -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set existing = adapter.get_relation(target.database, newest.schema, table_name) -%}
    {%- set is_closed = run_query("select " ~ published_until(table_name) ~ " is not null").rows[0][0] -%}
    {{ return(existing.include(database=false) if existing and existing.is_table and is_closed else none) }}
{%- endmacro %}

{#- Whether weeks or quarters closed since the table's newest release. -#}
{% macro has_newly_closed(table_name) -%}
    {{ return(run_query("select " ~ closed_until(table_name) ~ " > " ~ published_until(table_name)).rows[0][0]) }}
{%- endmacro %}

{#- The first day that the table's newest release does not hold yet; a published week or quarter never changes. -#}
{% macro published_until(table_name) -%}
    (
        select closing.closed_until
        from {{ source("governance", "release_closings") }} as closing
        where closing.relation = '{{ table_name }}'
    )
{%- endmacro %}

{#- The first day of the week or quarter in which late rows may still arrive tonight. -#}
{% macro closed_until(table_name) -%}
    (
        select closed.closed_until
        from {{ ref("int_periods__closed") }} as closed
        where closed.relation = '{{ table_name }}'
    )
{%- endmacro %}

{#-
  CTE `standing`: the base's rows whose subject is still a member and whose period has not expired, without the classes
  that departures brought under k or l. `columns` are the base's. Whoever is in the base joined with its publish, so who
  is no member any more was withdrawn: few, where members are many (violation_release_difference asks for each row).
-#}
{% macro standing_rows(base, model, columns, clock, cutoff) -%}
departed as (
    select member.subject_token
    from {{ source("governance", "release_members") }} as member
    where member.withdrawn_on is not null
),

-- read twice: written to disk in between, it would take longer
left_over as not materialized (
    select
        {%- for column in columns %}
        base.{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ base }} as base
    where
        base.{{ clock }} >= {{ cutoff }}
        and not exists (select 1 from departed where departed.subject_token = base.subject_token)
),

undersized as (
    {{ unsafe_classes("left_over", model) }}
),

standing as (
    select
        {%- for column in columns %}
        left_over.{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from left_over
    where not exists (
        select 1 from undersized
        where
            {{ same_class("undersized", "left_over", quasi_identifiers(model)) }}
    )
)
{%- endmacro %}

{#- The columns of a research model's contract. -#}
{% macro contract_columns(model_name) -%}
    {%- if execute -%}
        {%- for model in graph.nodes.values() if model.resource_type == "model" and model.name == model_name -%}
            {{ return(model.columns.keys() | list) }}
        {%- endfor -%}
    {%- endif -%}
    {{ return(["subject_token"]) }}
{%- endmacro %}

{#- Whether a night compiles, to trace: what a model reads must then not depend on what was released already. -#}
{% macro compiles_a_night() -%}
    {%- if execute and flags.WHICH == "compile" -%}
        {{ return((run_query("select current_setting('governance.night', true)").rows[0][0] or "") != "") }}
    {%- endif -%}
    {{ return(false) }}
{%- endmacro %}
