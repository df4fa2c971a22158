-- depends_on: {{ ref("retention_rules") }}
-- depends_on: {{ ref("int_subjects__held") }}
with overdue as (
    {% for declared in declared_tables() if declared.is_present and declared.clock -%}
    select
        '{{ declared.relation }}' as relation,
        '{{ declared.clock }}' as column_name,
        count(*) as offenders
    from {{ declared.relation }} as kept
    where
        kept.{{ adapter.quote(declared.clock) }} < {{ retention_cutoff(declared.relation) }}
        {%- if declared.subject_key %}
        and not exists (
            select 1
            from {{ ref("int_subjects__held") }} as held
            where held.subject_id = kept.{{ adapter.quote(declared.subject_key) }}
        )
        {%- endif %}
    union all
    {% endfor -%}
    select
        null as relation,
        null as column_name,
        0 as offenders
    where false
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
