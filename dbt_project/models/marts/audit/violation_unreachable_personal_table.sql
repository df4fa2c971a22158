{%- set purged = purged_relations() | join(",") %}
{%- set without_a_path = tables_without_a_path() | join(",") %}
-- Views hold no rows of their own, and a candidate is built anew each night from rows that survive.
with personal as (
    select distinct tagged.relation
    from {{ source("governance", "column_tags") }} as tagged
    where
        -- an undeclared column is a violation of its own
        (tagged.relation like 'raw.%' and tagged.origin = 'declared' and tagged.identifiability <> 'none')
        or (
            tagged.relation not like all('{raw.%,research\_candidate.%,governance.%,audit.%}'::text[])
            -- has a file of its own, or partitions that have
            and (
                pg_relation_filenode(to_regclass(tagged.relation)) is not null
                or pg_partition_root(to_regclass(tagged.relation)) is not null
            )
            and tagged.identifiability not in ('none', 'aggregate')
        )
),

reached as (
    select
        relation,
        relation = any('{ {{- purged -}} }'::text[]) as is_purged,
        relation <> all('{ {{- without_a_path -}} }'::text[]) as has_a_path,
        case when relation like 'raw.%' then ', and name its subject_key, an identifier or reached_through in the '
            || 'sources YAML.' else '.'
        end as declaration
    from personal
),

offenders as (
    select
        relation,
        null as column_name,
        1 as offenders,
        case
            when is_purged
                then relation || ' is personal and nothing leads from a subject to its rows. Look at its purge model'
            else relation || ' is personal and no purge reaches it. Add models/intermediate/purge/'
                || 'int_<entity>__doomed.sql'
        end || declaration as finding
    from reached
    where not is_purged or not has_a_path
)

{{ not_excepted("offenders", "violation_unreachable_personal_table") }}
