{#-
  Ends a violation model: the offenders that no exception tolerates tonight.
  `offenders` is the name of a CTE with relation, column_name, offenders (how many) and finding (what, where, fix).
-#}
{% macro not_excepted(offenders, rule) -%}
    select
        offender.relation::text as relation,
        offender.column_name::text as column_name,
        offender.offenders::bigint as offenders,
        offender.finding::text as finding
    from {{ offenders }} as offender
    where not exists (
        select 1 from {{ ref("governance_exceptions") }} as tolerated
        where
            tolerated.rule = '{{ rule }}'
            and tolerated.relation = offender.relation
            and (tolerated.column_name is null or tolerated.column_name = offender.column_name)
            and {{ night() }} between tolerated.approved_on and tolerated.expires_on
    )
{%- endmacro %}
