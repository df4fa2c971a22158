-- The caps that end columns of a sensitive kind tonight, a row a column and cap, whatever the columns are used for. Of
-- caps of the same scope, the one that came last. A cap whose event the table has no clock for has no clock_column.
with caps as (
    select distinct on (rule.sensitive_kind, rule.relation, rule.column_name)
        rule.sensitive_kind,
        rule.relation,
        rule.column_name,
        rule.period,
        rule.event,
        rule.action,
        rule.ground,
        {{ period_cutoff("rule.period") }} as cutoff
    from {{ ref("retention_rules") }} as rule
    where rule.sensitive_kind is not null and {{ rule_in_force("rule") }}
    order by
        rule.sensitive_kind asc, rule.relation asc, rule.column_name asc, rule.effective_from desc nulls last
),

sensitive as (
    select distinct
        relation,
        column_name,
        sensitive_kind
    from {{ ref("int_uses__scheduled") }}
    where sensitive_kind is not null
)

select
    sensitive.relation,
    sensitive.column_name,
    sensitive.sensitive_kind,
    clock.clock_column,
    caps.event,
    caps.period,
    caps.action,
    caps.ground,
    caps.cutoff
from sensitive
inner join caps
    on
        sensitive.sensitive_kind = caps.sensitive_kind
        and (caps.relation is null or sensitive.relation = caps.relation)
        and (caps.column_name is null or sensitive.column_name = caps.column_name)
left join {{ ref("int_clocks__declared") }} as clock
    on sensitive.relation = clock.relation and caps.event = clock.event
