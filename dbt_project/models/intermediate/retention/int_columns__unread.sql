-- Where to look for values that newly expired: in rows whose clock is read_from or later, and in rows loaded at
-- loaded_from or later. -infinity: all rows. Rows may be committed later than they are stamped: a day is read twice.
with held as (
    select array_agg(distinct found.ledger_token) as tokens
    from {{ ref("int_identifiers__held") }} as held
    inner join {{ ref("int_identifiers__tokenized") }} as found
        on held.identifier_kind = found.identifier_kind and held.identifier = found.identifier
),

stamped as (
    {% for relation in stamped_tables() -%}
    select '{{ relation }}' as relation
    union all
    {% endfor -%}
    select null as relation
    where false
)

select
    expiring.relation,
    expiring.column_name,
    expiring.clock_column,
    expiring.action,
    expiring.cutoff,
    coalesce(looked.expired_until, '-infinity') as read_from,
    coalesce(looked.loaded_until - interval '1 day', '-infinity') as loaded_from
from {{ ref("int_columns__expiring") }} as expiring
cross join held
left join stamped on expiring.relation = stamped.relation
left join {{ source("governance", "column_expiries") }} as looked
    on stamped.relation = looked.relation
    and expiring.column_name = looked.column_name
    and expiring.action = looked.action
    and looked.file_node = coalesce(pg_relation_filenode(to_regclass(looked.relation)), 0)
    and looked.held_tokens <@ coalesce(held.tokens, '{}')
where expiring.night = {{ night() }}
