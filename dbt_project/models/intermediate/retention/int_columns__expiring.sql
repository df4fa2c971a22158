{{ config(materialized="table") }}

-- Columns that expire before their rows do. A table, of one night, because each purge asks it.
with scheduled as (
    select
        relation,
        column_name,
        clock_column,
        cutoff,
        is_cap,
        case when action = 'generalize_column' then action else 'redact_column' end as action
    from {{ ref("int_columns__scheduled") }} as scheduled
    where
        cutoff is not null
        -- a row keeps what tells its age as long as itself
        and not exists (
            select 1 from {{ ref("int_clocks__declared") }} as clock
            where clock.relation = scheduled.relation and clock.clock_column = scheduled.column_name
        )
),

expiring as (
    select
        scheduled.*,
        -- all clocks of a column have to let it go
        bool_or(scheduled.cutoff > whole.own_cutoff and not scheduled.is_cap)
            over (partition by scheduled.relation, scheduled.column_name) as is_before_its_row
    from scheduled
    inner join {{ ref("int_rows__scheduled") }} as whole
        on scheduled.relation = whole.relation and scheduled.clock_column = whole.clock_column
)

select
    {{ night() }} as night,
    relation,
    column_name,
    clock_column,
    action,
    cutoff,
    is_cap
from expiring
where is_cap or is_before_its_row
