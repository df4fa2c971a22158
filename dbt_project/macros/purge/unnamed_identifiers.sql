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

{#- CTE `unnamed`: identifier_kind, identifier, identifier_id of what governance.unnamed_identifiers finds of `kinds`. -#}
{% macro unnamed_identifiers(kinds) -%}
        {%- set asked = [] -%}
        {%- for table in naming_tables() -%}
            {%- set columns = [] -%}
            {%- for column in table.columns -%}
                {%- for kind in column.kinds -%}
                    {%- set stored = comparable_identifier(kind, "kept." ~ adapter.quote(column.name)) -%}
                    {%- set compared = comparable(kind, "kept." ~ adapter.quote(column.name)) -%}
                    {%- do columns.append({"name": column.name, "kind": kind, "stored": stored, "compared": compared}) -%}
                {%- endfor -%}
            {%- endfor -%}
            {%- do asked.append({"relation": table.relation, "planned": table.planned, "columns": columns}) -%}
        {%- endfor -%}
        unnamed as materialized (
            select
                identifier_kind,
                identifier,
                identifier_id
            from governance.unnamed_identifiers(
                array['{{ kinds | join("', '") }}'],
                '{{ tojson(asked) | replace("'", "''") }}'::jsonb
            )
        ),
{%- endmacro %}
