-- Each use of a column of raw (PI kind and purpose) with the rule that counts tonight: the most specific one in force.
-- A use without a rule, or whose event the table has no clock for, has no cutoff.
with uses as (
    select distinct
        relation,
        column_name,
        pi_kind,
        purpose,
        sensitive_kind
    from {{ source("governance", "column_uses_as_of") }}
    where is_present and relation like 'raw.%'
),

ruled as (
    select distinct on (uses.relation, uses.column_name, uses.pi_kind, uses.purpose)
        uses.relation,
        uses.column_name,
        uses.pi_kind,
        uses.purpose,
        uses.sensitive_kind,
        rule.period,
        rule.event,
        rule.action,
        rule.ground,
        case
            when rule.relation is not null and rule.column_name is not null then 'relation and column'
            when rule.relation is not null then 'relation'
            when rule.column_name is not null then 'column'
            when rule.pi_kind is not null then 'kind'
        end as rule_scope
    from uses
    left join {{ ref("retention_rules") }} as rule
        on uses.purpose = rule.purpose
        and rule.sensitive_kind is null
        and (rule.pi_kind is null or uses.pi_kind = rule.pi_kind)
        and (rule.relation is null or uses.relation = rule.relation)
        and (rule.column_name is null or uses.column_name = rule.column_name)
        and {{ rule_in_force("rule") }}
    order by
        uses.relation asc, uses.column_name asc, uses.pi_kind asc, uses.purpose asc,
        num_nonnulls(rule.relation) * 4 + num_nonnulls(rule.column_name) * 2 + num_nonnulls(rule.pi_kind) desc,
        rule.effective_from desc nulls last
)

select
    ruled.relation,
    ruled.column_name,
    ruled.pi_kind,
    ruled.purpose,
    ruled.sensitive_kind,
    ruled.period,
    ruled.event,
    ruled.action,
    ruled.ground,
    ruled.rule_scope,
    clock.clock_column,
    case
        when clock.clock_column is not null then {{ period_cutoff("ruled.period") }}
    end as cutoff
from ruled
left join {{ ref("int_clocks__declared") }} as clock on ruled.relation = clock.relation and ruled.event = clock.event
