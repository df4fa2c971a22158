-- The column of each table that an event of a retention rule is told by.
{% for clock in declared_clocks() -%}
select
    '{{ clock.relation }}' as relation,
    '{{ clock.event }}' as event,
    '{{ clock.clock_column }}' as clock_column
union all
{% endfor -%}
select
    null as relation,
    null as event,
    null as clock_column
where false
