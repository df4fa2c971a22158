-- The retention schedule: how long each personal column of raw is kept, why, its relation's oldest row, and when the
-- column is next emptied, or goes with its row. The oldest row is looked for near the cutoff first: after a purge it
-- lies there, and an index or BRIN on the clock answers; only a table without one pays a scan.
-- depends_on: {{ ref("governance_exceptions") }}
with oldest as (
    {% for declared in declared_tables() if declared.is_present and declared.clock -%}
    {%- for clock in clock_columns(declared.relation) -%}
    {%- set clock_time = adapter.quote(clock) -%}
    {%- set cutoff = retention_cutoff(declared.relation, clock) -%}
    select
        '{{ declared.relation }}' as relation,
        '{{ clock }}' as clock_column,
        coalesce(
            {%- for ahead in ["7 days", "90 days"] %}
            (
                select min({{ clock_time }}) from {{ declared.relation }}
                where {{ clock_time }} < {{ cutoff }} + interval '{{ ahead }}'
            ),
            {%- endfor %}
            (select min({{ clock_time }}) from {{ declared.relation }})
        )::timestamptz as oldest_at
    union all
    {% endfor -%}
    {%- endfor -%}
    select
        null as relation,
        null as clock_column,
        null::timestamptz as oldest_at
    where false
)

select
    scheduled.relation,
    scheduled.column_name,
    scheduled.pi_kinds,
    scheduled.period::text as period,
    scheduled.event,
    scheduled.clock_column,
    case
        when scheduled.action = 'generalize_column' and scheduled.cutoff > coalesce(whole.own_cutoff, '-infinity')
            then 'generalize_column'
        when scheduled.cutoff > coalesce(whole.own_cutoff, '-infinity') then 'redact_column'
        else 'delete_row'
    end as action,
    scheduled.purpose,
    scheduled.purposes,
    scheduled.ground,
    scheduled.suspended_until,
    scheduled.cutoff,
    oldest.oldest_at,
    greatest(
        (oldest.oldest_at at time zone 'UTC' + scheduled.period)::date,
        case when scheduled.cutoff > coalesce(whole.own_cutoff, '-infinity') then {{ night() }} end,
        scheduled.suspended_until
    ) + 1 as next_expiry_on
from {{ ref("int_columns__scheduled") }} as scheduled
left join {{ ref("int_rows__scheduled") }} as whole
    on scheduled.relation = whole.relation and scheduled.clock_column = whole.clock_column
left join oldest on scheduled.relation = oldest.relation and scheduled.clock_column = oldest.clock_column
