-- depends_on: {{ ref("int_rows__scheduled") }}
-- depends_on: {{ ref("int_columns__expiring") }}
-- depends_on: {{ ref("int_identifiers__held") }}
-- depends_on: {{ ref("retention_rules") }}
with overdue as (
    {% for declared in declared_tables() if declared.is_present and declared.clock -%}
    {%- set table = described_table(source_of(declared.relation)) -%}
    {%- set columns = rows_with_expired_columns(table) -%}
    select
        '{{ declared.relation }}' as relation,
        '{{ declared.clock }}' as column_name,
        false as is_column,
        count(*) as offenders
    from {{ declared.relation }} as kept
    where
        {{ past_its_period(declared.relation) | join("\n        and ") }}
        {%- for among in owned_by(table, ref("int_identifiers__held")) %}
        and not {{ among }}
        {%- endfor %}
    union all
    -- every value, wherever the purge looked
    select
        '{{ declared.relation }}' as relation,
        replace(past.column_name, ' (generalized)', '') as column_name,
        true as is_column,
        count(*) as offenders
    from {{ columns.from }}
    cross join lateral unnest(expired.columns) as past (column_name)
    where
        {{ columns.where | join("\n        and ") }}
        {%- for among in owned_by(table, ref("int_identifiers__held")) %}
        and not {{ among }}
        {%- endfor %}
    group by past.column_name
    union all
    {% endfor -%}
    {% for built in built_with_clock() -%}
    select
        '{{ built.relation }}' as relation,
        '{{ built.clock }}' as column_name,
        false as is_column,
        count(*) as offenders
    from {{ built.relation }} as kept
    where kept.{{ adapter.quote(built.clock) }} < {{ retention_cutoff(built.rule) }}
    union all
    {% endfor -%}
    select
        null as relation,
        null as column_name,
        false as is_column,
        0 as offenders
    where false
),

offenders as (
    select
        relation,
        column_name,
        offenders,
        case
            when is_column
                then
                    relation || '.' || column_name || ' keeps ' || offenders || ' value(s) past their period. Run '
                    || 'the night again; if they stay, let it look at every row: govern retention sweep ' || relation
            else
                relation || ' keeps ' || offenders || ' row(s) past its period. Run the night again; if they stay, '
                || 'check config.meta.clock of the table.'
        end as finding
    from overdue
    where offenders > 0
)

{{ not_excepted("offenders", "violation_row_past_retention") }}
