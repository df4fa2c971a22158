-- How long each personal column is kept, a row a column and clock: as long as the longest of its uses that count from
-- the clock, unless a cap on its sensitive kind ends it. `cutoff`: values of rows whose clock is before it are past
-- their period; null where a use has no rule, or an exception suspends the column until `suspended_until`. `own_cutoff`
-- knows neither.
with by_clock as (
    select
        relation,
        column_name,
        clock_column,
        min(cutoff) as cutoff,
        (array_agg(period order by cutoff, purpose, pi_kind))[1] as period,
        (array_agg(event order by cutoff, purpose, pi_kind))[1] as event,
        (array_agg(action order by cutoff, purpose, pi_kind))[1] as action,
        (array_agg(purpose order by cutoff, purpose, pi_kind))[1] as purpose,
        (array_agg(ground order by cutoff, purpose, pi_kind))[1] as ground,
        max(sensitive_kind) as sensitive_kind
    from {{ ref("int_uses__scheduled") }}
    where cutoff is not null
    group by relation, column_name, clock_column
),

by_column as (
    select
        relation,
        column_name,
        array_agg(distinct purpose order by purpose) as purposes,
        array_agg(distinct pi_kind order by pi_kind) as pi_kinds,
        bool_and(cutoff is not null) as is_complete
    from {{ ref("int_uses__scheduled") }}
    group by relation, column_name
),

suspended as (
    select
        relation,
        column_name,
        expires_on
    from {{ ref("governance_exceptions") }}
    where
        rule = 'violation_row_past_retention'
        and {{ night() }} between approved_on and expires_on
    union all
    select
        relation,
        column_name,
        expires_on
    from {{ ref("deletion_exceptions") }}
    where expires_on >= {{ night() }}
),

-- of caps of the same scope, the one that came last
caps as (
    select distinct on (rule.sensitive_kind, rule.relation, rule.column_name)
        rule.sensitive_kind,
        rule.relation,
        rule.column_name,
        rule.period,
        rule.action,
        rule.ground,
        {{ period_cutoff("rule.period") }} as cutoff
    from {{ ref("retention_rules") }} as rule
    where rule.sensitive_kind is not null and {{ rule_in_force("rule") }}
    order by
        rule.sensitive_kind asc, rule.relation asc, rule.column_name asc, rule.effective_from desc nulls last
),

capped as (
    select
        by_clock.relation,
        by_clock.column_name,
        by_clock.clock_column,
        by_clock.event,
        by_clock.purpose,
        greatest(by_clock.cutoff, cap.cutoff) as cutoff,
        coalesce(cap.cutoff > by_clock.cutoff, false) as is_capped,
        case when cap.cutoff > by_clock.cutoff then cap.period else by_clock.period end as period,
        case when cap.cutoff > by_clock.cutoff then cap.action else by_clock.action end as action,
        case when cap.cutoff > by_clock.cutoff then cap.ground else by_clock.ground end as ground
    from by_clock
    left join lateral (
        select
            caps.period,
            caps.action,
            caps.ground,
            caps.cutoff
        from caps
        where
            caps.sensitive_kind = by_clock.sensitive_kind
            and (caps.relation is null or caps.relation = by_clock.relation)
            and (caps.column_name is null or caps.column_name = by_clock.column_name)
        order by caps.cutoff desc
        limit 1
    ) as cap on true
)

select
    by_column.relation,
    by_column.column_name,
    by_column.pi_kinds,
    by_column.purposes,
    by_column.is_complete,
    capped.clock_column,
    capped.event,
    capped.period,
    capped.purpose,
    capped.ground,
    capped.action,
    capped.is_capped,
    exception.suspended_until,
    capped.cutoff as own_cutoff,
    case when by_column.is_complete and exception.suspended_until is null then capped.cutoff end as cutoff
from by_column
left join capped on by_column.relation = capped.relation and by_column.column_name = capped.column_name
cross join lateral (
    select max(suspended.expires_on) as suspended_until
    from suspended
    where
        suspended.relation = by_column.relation
        and (suspended.column_name is null or suspended.column_name = by_column.column_name)
) as exception
