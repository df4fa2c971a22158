-- A disclosure that a declared table would back is no offence while that table is missing: that the warehouse lacks
-- it is violation_missing_source_table, and taking the disclosure out of the notice would be the wrong remedy.
with offenders as (
    select
        'governance.notice_disclosures' as relation,
        concat_ws('.', category, aspect, member) as column_name,
        1 as offenders,
        'governance.notice_disclosures: ' || concat_ws('.', category, aspect, member) || ' is disclosed and backed by '
        || 'nothing. ' || message as finding
    from {{ source("governance", "notice_differences") }}
    where
        breach = 'unbacked_disclosure'
        and not exists (
            select 1
            from unnest(awaited_relations) as awaited (missing_relation)
            where to_regclass(awaited.missing_relation) is null
        )
)

{{ not_excepted("offenders", "violation_unbacked_disclosure") }}
