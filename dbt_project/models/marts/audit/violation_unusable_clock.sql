-- Rows that no period ever ends: their clock is empty, or later than the night. The end of a contract or a hold may lie
-- ahead, or not be known.
-- depends_on: {{ ref("int_uses__scheduled") }}
with unusable as (
    {% for declared in declared_tables() if declared.is_present and declared.clock -%}
    {%- for clock in declared_clocks() if clock.relation == declared.relation and clock.event != "contract_ended" -%}
    {%- set clock_time = adapter.quote(clock.clock_column) -%}
    select
        '{{ clock.relation }}' as relation,
        '{{ clock.event }}' as event,
        '{{ clock.clock_column }}' as column_name,
        (select count(*) from {{ clock.relation }} where {{ clock_time }} is null) as empty,
        (select count(*) from {{ clock.relation }} where {{ clock_time }} >= {{ night() }} + interval '2 days') as ahead
    where exists (
        select 1 from {{ ref("int_uses__scheduled") }}
        where relation = '{{ clock.relation }}' and event = '{{ clock.event }}'
    )
    union all
    {% endfor -%}
    {%- endfor -%}
    select
        null as relation,
        null as event,
        null as column_name,
        0 as empty,
        0 as ahead
    where false
),

offenders as (
    select
        relation,
        column_name,
        max(empty + ahead) as offenders,
        relation || '.' || column_name || ', which starts retention, is empty in ' || max(empty) || ' row(s) and later '
        || 'than the night in ' || max(ahead) || '. They would never expire: correct them, or name another clock in '
        || 'config.meta.clock of the table.' as finding
    from unusable
    where empty + ahead > 0
    group by relation, column_name
)

{{ not_excepted("offenders", "violation_unusable_clock") }}
