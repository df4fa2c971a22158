{#- Identifiers that stand in no row any more, once tonight's retention has taken its rows. -#}

{#-
  Where the warehouse names people by their identifiers: [{label, relation, planned, columns: [{name, kinds}]}]. Raw tables,
  with the columns that mention others than the row's own person, and what is built from them and purged by itself.
  `planned` is the table that names their doomed rows.
-#}
{% macro naming_tables() -%}
    {%- set found, planned = [], {} -%}
    {%- for node in (graph.nodes.values() if execute else []) if node.resource_type == "model" and node.config.materialized == "purge" -%}
        {%- do planned.update({node.config.relation: node.schema ~ "." ~ node.alias}) -%}
    {%- endfor -%}
    {%- for table in identifier_tables() -%}
        {%- set columns = [] -%}
        {%- for column in table.columns -%}
            {%- do columns.append({"name": column.name, "kinds": ["user_id", "anonymous_id"] if column.is_former else [column.kind]}) -%}
        {%- endfor -%}
        {%- for mention in described_table(source_of(table.label)).mentions -%}
            {%- do columns.append({"name": mention.column, "kinds": [mention.kind]}) -%}
        {%- endfor -%}
        {%- do found.append({"label": table.label, "relation": table.relation, "columns": columns}) -%}
    {%- endfor -%}
    {%- for built in purged_built_tables() -%}
        {%- set columns = [] -%}
        {%- for owner in built.owners -%}
            {%- do columns.append({"name": owner.column, "kinds": [owner.kind]}) -%}
        {%- endfor -%}
        {%- do found.append({"label": built.label, "relation": built.relation.include(database=false) | string, "columns": columns}) -%}
    {%- endfor -%}
    {%- for table in found -%}
        {%- do table.update({"planned": planned.get(table.label, "")}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{#-
  CTEs up to `unnamed`: identifier_kind, identifier, identifier_id of those `kinds` that rows named which retention takes
  tonight, and that no other row names. All identifiers are asked for where a night before did not end. Who is held, has
  a request open or is tombstoned stays: the last go another way.
-#}
{% macro unnamed_identifiers(kinds) -%}
        named as (
            {%- for table in naming_tables() if table.planned %}
            {%- set names, values = [], [] %}
            {%- for column in table.columns %}
            {%- for kind in column.kinds if kind in kinds %}
            {%- do names.append(column.name) if column.name not in names %}
            {%- do values.append("('" ~ kind ~ "', " ~ comparable_identifier(kind, "kept." ~ adapter.quote(column.name)) ~ ", '" ~ column.name ~ "')") %}
            {%- endfor %}
            {%- endfor %}
            {%- if names %}
            select
                identifier_kind,
                identifier
            from governance.expiring_identifiers(
                '{{ table.label }}', '{{ table.planned }}', array['{{ names | join("', '") }}'], '{{ values | join(", ") | replace("'", "''") }}'
            )
            union
            {%- endif %}
            {%- endfor %}
            select
                identifier_kind,
                identifier
            from governance.unasked_identifiers()
        ),

        expiring as materialized (
            select
                known.identifier_kind,
                known.identifier,
                known.identifier_id
            from named
            {#- OFFSET keeps each a look-up by index: nobody knows beforehand how few there are #}
            cross join lateral (
                select
                    each.identifier_kind,
                    each.identifier,
                    each.identifier_id,
                    each.ledger_token
                from {{ ref("int_identifiers__tokenized") }} as each
                where each.identifier_kind = named.identifier_kind and each.identifier = named.identifier
                offset 0
            ) as known
            where
                known.identifier_kind in ('{{ kinds | join("', '") }}')
                and not exists (
                    select 1 from {{ ref("int_identifiers__held") }} as held
                    where held.identifier_kind = known.identifier_kind and held.identifier = known.identifier
                )
                and not exists (
                    select 1 from {{ source("governance", "tombstones") }} as tombstone
                    where tombstone.identifier_token = known.ledger_token
                )
                and not exists (
                    select 1
                    from {{ source("governance", "request_identifiers") }} as found
                    inner join {{ source("governance", "deletion_requests") }} as request on found.request_id = request.request_id
                    where
                        found.identifier_token = known.ledger_token
                        and request.state in ('received', 'verified', 'in review', 'on hold', 'tombstoned')
                )
        ),

        seen as (
            {%- for table in naming_tables() %}
            {%- for column in table.columns %}
            {%- for kind in column.kinds if kind in kinds %}
            select
                expiring.identifier_kind,
                expiring.identifier
            from expiring
            inner join {{ table.relation }} as kept
                on expiring.identifier_kind = '{{ kind }}'
                and expiring.identifier = {{ comparable(kind, "kept." ~ adapter.quote(column.name)) }}
            {#- by itself, so that no table is read on a night that takes nobody's last row #}
            where
                (select count(*) > 0 from expiring)
                {%- if table.planned %}
                and not exists (
                    select 1 from governance.planned_rows('{{ table.planned }}') as doomed
                    where
                        doomed.relation_id = kept.tableoid
                        and doomed.row_id = kept.ctid
                        and doomed.row_version = kept.xmin
                        and (doomed.redacted_columns is null or '{{ column.name }}' = any(doomed.redacted_columns))
                )
                and kept.tableoid not in (select relation_id from governance.planned_partitions('{{ table.planned }}'))
                {%- endif %}
            union all
            {%- endfor %}
            {%- endfor %}
            {%- endfor %}
            select
                null::text as identifier_kind,
                null::text as identifier
        ),

        unnamed as (
            select expiring.*
            from expiring
            where not exists (
                select 1 from seen
                where seen.identifier_kind = expiring.identifier_kind and seen.identifier = expiring.identifier
            )
        ),
{%- endmacro %}
