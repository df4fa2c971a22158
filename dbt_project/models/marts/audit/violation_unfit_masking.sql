-- masking_rules held to tonight's tags: a decision that is weaker than its column's tag allows, of a column that is not
-- there, or for what the notice does not disclose; and a personal column of an input that nobody decided about.
with decided as (
    select *
    from {{ ref("masking_rules") }}
    where column_name is not null
),

inputs as (
    select distinct
        purpose,
        input,
        'intermediate.' || input as relation
    from decided
),

tagged as (
    select
        inputs.purpose,
        inputs.input,
        tag.relation,
        tag.column_name,
        tag.categories,
        tag.identifiability
    from inputs
    inner join {{ source("governance", "column_tags") }} as tag on inputs.relation = tag.relation
),

breaches as (
    select
        'intermediate.' || decided.input as relation,
        decided.column_name,
        'is ' || tagged.identifiability || ', and masking_rules.csv lets it be shown by ' || decided.action
        || '. Drop it, or choose an action that masking_actions.csv admits for it.' as breach
    from decided
    inner join tagged
        on
            decided.purpose = tagged.purpose
            and decided.input = tagged.input
            and decided.column_name = tagged.column_name
    where
        not exists (
            select 1 from {{ ref("masking_actions") }} as admitted
            where admitted.action = decided.action and admitted.identifiability = tagged.identifiability
        )
    union all
    -- shown one by one, it must count for somebody's class
    select
        'intermediate.' || decided.input as relation,
        decided.column_name,
        'is quasi and shown, and counts neither as a quasi-identifier nor as a sensitive attribute. Say which in '
        || 'counts_as of masking_rules.csv, or drop it.' as breach
    from decided
    inner join tagged
        on
            decided.purpose = tagged.purpose
            and decided.input = tagged.input
            and decided.column_name = tagged.column_name
    where
        tagged.identifiability = 'quasi'
        and decided.action not in ('drop', 'aggregate')
        and decided.counts_as is null
    union all
    select
        'intermediate.' || decided.input as relation,
        decided.column_name,
        'is decided about in masking_rules.csv, and is no column. Correct the row or remove it.' as breach
    from decided
    where
        not exists (
            select 1 from tagged
            where tagged.input = decided.input and tagged.column_name = decided.column_name
        )
    union all
    select
        tagged.relation,
        tagged.column_name,
        'is ' || tagged.identifiability || ', and nobody decided about it. Add a row to masking_rules.csv: '
        || concat_ws(',', tagged.purpose, tagged.input, tagged.column_name, '', 'drop', '', '', '', 'why')
        || '.' as breach
    from tagged
    where
        tagged.identifiability not in ('none', 'aggregate')
        and not exists (
            select 1 from {{ ref("masking_rules") }} as rule
            where
                rule.purpose = tagged.purpose
                and (
                    (rule.input = tagged.input and rule.column_name = tagged.column_name)
                    or (rule.column_name is null and rule.identifiability = tagged.identifiability)
                )
        )
    union all
    select
        tagged.relation,
        tagged.column_name,
        'holds ' || category.category || ' and is shown for ' || tagged.purpose || ', which the notice does not '
        || 'disclose of it. Drop it, or show it in aggregates only.' as breach
    from tagged
    inner join decided
        on
            tagged.purpose = decided.purpose
            and tagged.input = decided.input
            and tagged.column_name = decided.column_name
    cross join lateral unnest(tagged.categories) as category (category)
    where
        decided.action not in ('drop', 'aggregate')
        and tagged.identifiability <> 'none'
        and not exists (
            select 1 from {{ ref("notice_disclosures") }} as disclosed
            where
                disclosed.notice_category = category.category
                and disclosed.aspect = 'purpose'
                and disclosed.member = tagged.purpose
                and disclosed.valid_from <= {{ night() }}
                and (disclosed.valid_to is null or disclosed.valid_to > {{ night() }})
        )
),

offenders as (
    select
        relation,
        column_name,
        count(*) as offenders,
        relation || '.' || column_name || ' ' || string_agg(breach, ' It ' order by breach) as finding
    from breaches
    group by relation, column_name
)

{{ not_excepted("offenders", "violation_unfit_masking") }}
