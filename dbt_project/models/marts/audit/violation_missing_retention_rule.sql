-- depends_on: {{ ref("retention_rules") }}
with unruled as (
    select
        relation,
        column_name,
        count(*) as offenders,
        case
            when min(rule_scope) is null
                then
                    'no rule says how long ' || string_agg(distinct pi_kind, ', ' order by pi_kind) || ' is kept for '
                    || string_agg(distinct purpose, ', ' order by purpose)
                    || '. Add a row of that kind and purpose to retention_rules.csv.'
            else
                'its rule counts from ' || max(event) || ', and the table has no clock for it. Add config.meta.clocks: '
                || '{' || max(event) || ': <column>} to its sources YAML, or let the rule count from another event.'
        end as finding
    from {{ ref("int_uses__scheduled") }}
    where cutoff is null
    group by relation, column_name, rule_scope is null
),

-- a table that the warehouse lacks is left to violation_missing_source_table
present as (
    {% for declared in declared_tables() if declared.is_present -%}
    select '{{ declared.relation }}' as relation
    union all
    {% endfor -%}
    select null as relation
    where false
),

-- declared as personal, and used for nothing that a rule could speak of
unused as (
    select distinct tagged.relation
    from {{ source("governance", "column_tags") }} as tagged
    inner join present on tagged.relation = present.relation
    where
        tagged.origin = 'declared' and tagged.identifiability <> 'none'
        and not exists (
            select 1 from {{ ref("int_uses__scheduled") }} as scheduled where scheduled.relation = tagged.relation
        )
),

-- what keeps rows by itself
kept as (
    {% for built in built_without_clock() -%}
    select
        '{{ built.relation }}' as relation,
        '{{ built.file }}' as file_path
    union all
    {% endfor -%}
    select
        null as relation,
        null as file_path
    where false
),

generalizable as (
    {% for column in generalizable_columns() -%}
    select
        '{{ column.relation }}' as relation,
        '{{ column.column_name }}' as column_name
    union all
    {% endfor -%}
    select
        null as relation,
        null as column_name
    where false
),

offenders as (
    select
        relation,
        column_name,
        offenders,
        relation || '.' || column_name || ': ' || finding as finding
    from unruled
    union all
    select
        relation,
        null as column_name,
        1 as offenders,
        relation || ' is personal and has no retention rule. Declare the purposes of its columns in its sources YAML, '
        || 'and add their rules to retention_rules.csv.' as finding
    from unused
    union all
    select
        relation,
        column_name,
        1 as offenders,
        relation || '.' || column_name || ': the cap on ' || sensitive_kind || ' counts from ' || event
        || ', and the table has no clock for it. Add config.meta.clocks: {' || event || ': <column>} to its sources '
        || 'YAML, or let the cap count from another event in retention_rules.csv.' as finding
    from {{ ref("int_caps__scheduled") }}
    where clock_column is null
    union all
    -- nothing expires by the schedule of another night
    select
        'intermediate.int_rows__scheduled' as relation,
        null as column_name,
        1 as offenders,
        'intermediate.int_rows__scheduled is not of this night. Run the night again from its step tombstone.' as finding
    where
        exists (
            select 1 from {{ ref("int_columns__scheduled") }} as scheduled
            inner join {{ ref("int_clocks__declared") }} as clock on scheduled.relation = clock.relation
        )
        and not exists (select 1 from {{ ref("int_rows__scheduled") }} where night = {{ night() }})
    union all
    select
        kept.relation,
        null as column_name,
        1 as offenders,
        kept.relation || ' keeps personal rows by itself and has no clock. Add config.meta.clock to it in '
        || kept.file_path
        || ' and its relation to retention_rules.csv, or a purge model for it.' as finding
    from kept
    where exists (
        select 1 from {{ source("governance", "column_tags") }} as tagged
        where tagged.relation = kept.relation and tagged.identifiability <> 'none'
    )
    union all
    select distinct
        scheduled.relation,
        scheduled.column_name,
        1 as offenders,
        scheduled.relation || '.' || scheduled.column_name || ' is to be generalized, and nothing says to what. '
        || 'Add config.meta.generalized_as to the column in its sources YAML, or let its rule redact.' as finding
    from {{ ref("int_columns__scheduled") }} as scheduled
    left join generalizable
        on scheduled.relation = generalizable.relation and scheduled.column_name = generalizable.column_name
    where scheduled.action = 'generalize_column' and generalizable.relation is null
)

{{ not_excepted("offenders", "violation_missing_retention_rule") }}
