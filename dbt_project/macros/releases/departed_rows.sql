{#-
  The rows that leave a kept release (`research`, `research_previous`), in the columns of `doomed_rows`: of members who
  are withdrawn, with their request's receipt where they are tombstoned and with a receipt of no subject where they go
  along; of classes that this brings under k; and rows past their period. A hold keeps the source, never a release.
-#}
{% macro departed_rows(schema, model, clock=none) -%}
    {%- do doomed_rows_read() -%}
    {%- set class = quasi_identifiers(model) -%}
    {%- set _ = ref("int_subjects__tombstoned"), ref("int_subjects__surviving"), ref("retention_rules"),
        source("governance", "release_members"), source("governance", "former_research_tokens") -%}
    {%- set existing = adapter.get_relation(target.database, schema, model) if execute -%}
    {#- a view on the release that follows, which is purged itself -#}
    {%- if not existing or existing.is_view -%}
        select
            null::oid as relation_id,
            null::tid as row_id,
            null::xid as row_version,
            null::text as owner_kind,
            null::text as owner,
            null::bigint as tombstone_id,
            null::text as reason,
            null::text [] as redacted_columns
        where false
    {%- else -%}
        {%- do require_columns(existing, ["subject_token", clock] | select | list + class) -%}
        {%- set kept = existing.include(database=false) -%}
        with tombstoned as materialized (
            select distinct on (subject.research_token)
                subject.research_token,
                subject.tombstone_id
            from {{ ref("int_subjects__tombstoned") }} as subject
            where not exists (
                select 1 from {{ ref("int_subjects__surviving") }} as surviving
                where surviving.research_token = subject.research_token
            )
            order by subject.research_token, subject.request_id, subject.tombstone_id
        ),

        -- a release may hold nobody who is tombstoned, whoever its members are
        departed as materialized (
            select
                member.subject_token as released_token,
                tombstoned.tombstone_id
            from {{ source("governance", "release_members") }} as member
            left join {{ source("governance", "former_research_tokens") }} as former
                on member.subject_token = former.former_token
            left join tombstoned
                on coalesce(former.research_token, member.subject_token) = tombstoned.research_token
            where member.withdrawn_on is not null
            union
            select research_token as released_token, tombstone_id from tombstoned
            union
            select former.former_token as released_token, tombstoned.tombstone_id
            from {{ source("governance", "former_research_tokens") }} as former
            inner join tombstoned on former.research_token = tombstoned.research_token
        ),

        leaving as (
            select
                kept.tableoid as relation_id,
                kept.ctid as row_id,
                kept.xmin as row_version,
                departed.tombstone_id,
                case when departed.tombstone_id is null then 'withdrawal' else 'tombstone' end as reason,
                {%- for column in class %}
                kept.{{ column }}{{ "," if not loop.last }}
                {%- endfor %}
            from {{ kept }} as kept
            inner join departed on kept.subject_token = departed.released_token
        ),

        undersized as (
            {{ unsafe_classes(
                kept ~ " as kept",
                model,
                "exists (select 1 from leaving)"
                ~ " and not exists (select 1 from departed where departed.released_token = kept.subject_token)"
            ) }}
        )

        select
            relation_id,
            row_id,
            row_version,
            null::text as owner_kind,
            null::text as owner,
            tombstone_id,
            reason,
            null::text [] as redacted_columns
        from leaving
        union all
        select
            kept.tableoid as relation_id,
            kept.ctid as row_id,
            kept.xmin as row_version,
            null::text as owner_kind,
            null::text as owner,
            null::bigint as tombstone_id,
            'withdrawal' as reason,
            null::text [] as redacted_columns
        from {{ kept }} as kept
        inner join undersized
            on
                {%- for column in class %}
                kept.{{ column }} is not distinct from undersized.{{ column }}{{ " and" if not loop.last }}
                {%- endfor %}
        where not exists (select 1 from departed where departed.released_token = kept.subject_token)
        {%- if clock %}
        union all
        select
            kept.tableoid as relation_id,
            kept.ctid as row_id,
            kept.xmin as row_version,
            null::text as owner_kind,
            null::text as owner,
            null::bigint as tombstone_id,
            'retention' as reason,
            null::text [] as redacted_columns
        from {{ kept }} as kept
        where
            kept.{{ clock }} < {{ retention_cutoff("research." ~ model) }}
            and not exists (select 1 from departed where departed.released_token = kept.subject_token)
            and not exists (
                select 1 from undersized
                where
                    {%- for column in class %}
                    undersized.{{ column }} is not distinct from kept.{{ column }}{{ " and" if not loop.last }}
                    {%- endfor %}
            )
        {%- endif %}
    {%- endif -%}
{%- endmacro %}
