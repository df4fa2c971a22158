-- Partitions by their table's clock that lie before its cutoff as a whole: they are dropped, not read. Where a rule
-- counts from another clock too, the bounds say nothing.
select
    part.relation,
    part.partition_id,
    part.begins_at,
    part.ends_at
from {{ source("governance", "partitions") }} as part
inner join {{ ref("int_rows__scheduled") }} as scheduled
    on part.relation = scheduled.relation and part.clock_column = scheduled.clock_column
inner join {{ ref("int_clocks__declared") }} as clock
    on
        part.relation = clock.relation
        and part.clock_column = clock.clock_column
        and clock.event = 'collected'
where
    scheduled.night = {{ night() }}
    and part.ends_at <= scheduled.cutoff
    and not exists (
        select 1 from {{ ref("int_rows__scheduled") }} as other
        where
            other.relation = scheduled.relation
            and other.clock_column <> scheduled.clock_column
            and other.cutoff is distinct from 'infinity'
    )
