-- What a notice may say of each category tonight: its periods, longest first, what they are about, why, and for what.
-- Where some uses of a column have no rule, the category has a row without a period.
with used as (
    select distinct
        category,
        relation,
        column_name,
        pi_kind,
        purpose
    from {{ source("governance", "column_uses_as_of") }}
    where is_present and relation like 'raw.%'
),

kept as (
    select distinct on (relation, column_name, is_cap)
        relation,
        column_name,
        event,
        period,
        action,
        ground,
        is_complete,
        suspended_until
    from {{ ref("int_columns__scheduled") }}
    order by relation asc, column_name asc, is_cap asc, period desc nulls last
),

-- a rule of some columns only is told with their names
named as (
    select distinct
        relation,
        column_name
    from {{ ref("int_uses__scheduled") }}
    where rule_scope in ('column', 'relation and column')
)

select
    used.category,
    category.label,
    category.position,
    case when kept.is_complete then kept.period end as period,
    kept.event,
    kept.action = 'generalize_column' as is_generalized,
    array_agg(distinct kind.label order by kind.label) as pi_kinds,
    array_agg(distinct named.column_name order by named.column_name)
        filter (where named.column_name is not null) as column_names,
    array_agg(distinct purpose.label order by purpose.label) as purposes,
    array_agg(distinct kept.ground order by kept.ground) as grounds,
    array_agg(distinct used.relation order by used.relation) as relations,
    max(kept.suspended_until) as suspended_until
from used
inner join kept on used.relation = kept.relation and used.column_name = kept.column_name
left join named on used.relation = named.relation and used.column_name = named.column_name
inner join {{ ref("notice_categories") }} as category
    on used.category = category.notice_category and {{ night() }} >= category.valid_from
    and ({{ night() }} < category.valid_to or category.valid_to is null)
inner join {{ ref("pi_kinds") }} as kind
    on used.pi_kind = kind.pi_kind and {{ night() }} >= kind.valid_from
    and ({{ night() }} < kind.valid_to or kind.valid_to is null)
inner join {{ ref("purposes") }} as purpose
    on used.purpose = purpose.purpose and {{ night() }} >= purpose.valid_from
    and ({{ night() }} < purpose.valid_to or purpose.valid_to is null)
group by
    used.category, category.label, category.position, case when kept.is_complete then kept.period end, kept.event,
    kept.action = 'generalize_column'
