{{ config(materialized="table") }}

-- The instant before which a clock lets a row go: that of its longest-living personal column. A row goes when all
-- clocks of its table let it; infinity: no rule counts from this clock. Null, so that the row stays, while one of its
-- columns has a use without a rule, or is suspended; `own_cutoff` knows neither. A table, of one night, because each
-- purge asks it.
with by_relation as (
    select
        relation,
        bool_and(cutoff is not null) as is_known
    from {{ ref("int_columns__scheduled") }}
    group by relation
),

clocks as (
    select distinct
        relation,
        clock_column
    from {{ ref("int_clocks__declared") }}
)

select
    {{ night() }} as night,
    clocks.relation,
    clocks.clock_column,
    case when by_relation.is_known then coalesce(min(scheduled.cutoff), 'infinity') end as cutoff,
    min(scheduled.own_cutoff) as own_cutoff
from clocks
inner join by_relation on clocks.relation = by_relation.relation
left join {{ ref("int_columns__scheduled") }} as scheduled
    on
        clocks.relation = scheduled.relation
        and clocks.clock_column = scheduled.clock_column
        and not scheduled.is_cap
group by clocks.relation, clocks.clock_column, by_relation.is_known
