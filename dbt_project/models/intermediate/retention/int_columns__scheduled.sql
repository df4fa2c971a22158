-- How long each personal column is kept, a row a column and clock: as long as the longest of its uses that count from
-- the clock, unless a cap on its sensitive kind ends it. A cap that counts from a clock that no use counts from is a
-- row of its own (is_cap): it ends the values whatever the other clocks say; rows go by the others. `cutoff`: values of
-- rows whose clock is before it are past their period; null where a use has no rule, or an exception suspends the
-- column until `suspended_until`. `own_cutoff` knows neither.
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
        (array_agg(ground order by cutoff, purpose, pi_kind))[1] as ground
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

-- of the caps that count from one clock, the first that ends
caps as (
    select distinct on (relation, column_name, clock_column) *
    from {{ ref("int_caps__scheduled") }}
    where clock_column is not null
    order by relation asc, column_name asc, clock_column asc, cutoff desc
),

capped as (
    select
        by_clock.relation,
        by_clock.column_name,
        by_clock.clock_column,
        by_clock.purpose,
        greatest(by_clock.cutoff, cap.cutoff) as cutoff,
        false as is_cap,
        coalesce(cap.cutoff > by_clock.cutoff, false) as is_capped,
        case when cap.cutoff > by_clock.cutoff then cap.event else by_clock.event end as event,
        case when cap.cutoff > by_clock.cutoff then cap.period else by_clock.period end as period,
        case when cap.cutoff > by_clock.cutoff then cap.action else by_clock.action end as action,
        case when cap.cutoff > by_clock.cutoff then cap.ground else by_clock.ground end as ground
    from by_clock
    left join caps as cap
        on
            by_clock.relation = cap.relation
            and by_clock.column_name = cap.column_name
            and by_clock.clock_column = cap.clock_column
    union all
    select
        cap.relation,
        cap.column_name,
        cap.clock_column,
        null as purpose,
        cap.cutoff,
        true as is_cap,
        true as is_capped,
        cap.event,
        cap.period,
        cap.action,
        cap.ground
    from caps as cap
    where not exists (
        select 1 from by_clock
        where
            by_clock.relation = cap.relation
            and by_clock.column_name = cap.column_name
            and by_clock.clock_column = cap.clock_column
    )
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
    coalesce(capped.is_cap, false) as is_cap,
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
