-- What the tables can show of it: an advertising id is there for advertising and nothing else, and the declared party
-- gets it. Whether anything was sent to that party, only the party's side knows.
with disclosed as (
    select distinct
        relation,
        column_name
    from {{ source("governance", "column_uses") }}
    where party = 'advertising_partners' and is_present
),

opted_in as (
    {{ opted_in("advertising") }}
),

sold as (
    {% for table in identifier_tables() -%}
    {% for sold in table.columns if sold.kind == "advertising_id" -%}
    select
        '{{ table.label }}' as relation,
        '{{ sold.name }}' as column_name,
        count(*) as offenders
    from {{ table.relation }} as kept
    where
        kept.{{ adapter.quote(sold.name) }} is not null
        {#- by the device itself -#}
        {% for choice in columns_that_declare("opt_in_to", "advertising") if choice.relation == table.label %}
        and kept.{{ adapter.quote(choice.column) }} is not true
        {%- endfor %}
        {%- for identifier in personal_identifiers(table) %}
        {%- set comparable = comparable_identifier(identifier.kind, "kept." ~ adapter.quote(identifier.name)) %}
        and not exists (
            select 1 from opted_in
            where opted_in.identifier_kind = '{{ identifier.kind }}' and opted_in.identifier = {{ comparable }}
        )
        {%- endfor %}
    union all
    {% endfor -%}
    {% endfor -%}
    select
        null as relation,
        null as column_name,
        0 as offenders
    where false
),

offenders as (
    select
        sold.relation,
        sold.column_name,
        sold.offenders,
        sold.relation || '.' || sold.column_name || ' goes to advertising partners with ' || sold.offenders
        || ' row(s) whose subject never opted in to advertising, by the account or by the device. Send the id only '
        || 'after opt-in and set it to null in these rows, or take the party out of the sources YAML.' as finding
    from sold
    inner join disclosed on sold.relation = disclosed.relation and sold.column_name = disclosed.column_name
    where sold.offenders > 0
)

{{ not_excepted("offenders", "violation_sale_without_opt_in") }}
