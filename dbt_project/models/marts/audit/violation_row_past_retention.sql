{%- set kept = namespace(relations=[]) -%}
{%- if execute -%}
    {%- for declared in graph.sources.values() if declared.config.meta.get("clock") and declared.schema == "raw" -%}
        {%- if adapter.get_relation(target.database, declared.schema, declared.identifier) -%}
            {%- do kept.relations.append((declared.schema ~ "." ~ declared.identifier, declared.config.meta.clock, declared.config.meta.get("subject_key"))) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endif -%}
with overdue as (
    {% for relation, clock, subject_key in kept.relations -%}
    select
        '{{ relation }}' as relation,
        '{{ clock }}' as column_name,
        count(*) as offenders
    from {{ relation }} as kept
    where
        kept.{{ adapter.quote(clock) }} < {{ retention_cutoff(relation) }}
        {%- if subject_key %}
        and not exists (
            select 1 from {{ ref("int_subjects__held") }} as held
            where held.subject_id = kept.{{ adapter.quote(subject_key) }}
        )
        {%- endif %}
    union all
    {% endfor -%}
    select null as relation, null as column_name, 0 as offenders where false
),

offenders as (
    select
        relation,
        column_name,
        offenders,
        relation || ' keeps ' || offenders || ' row(s) past its period. Run the night again; if they stay, check '
        || 'config.meta.clock of the table.' as finding
    from overdue
    where offenders > 0
)

{{ not_excepted("offenders", "violation_row_past_retention") }}
