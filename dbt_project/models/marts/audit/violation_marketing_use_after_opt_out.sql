-- Rows that record marketing to somebody after the opt-out; service messages are other values and go on.
with opted_out as (
    {{ opted_out("marketing") }}
),

marketing as (
    {% for use in columns_that_declare("marketing_when") -%}
    {% for identifier in personal_identifiers(use.table) -%}
    select
        '{{ use.relation }}' as relation,
        '{{ use.column }}' as column_name,
        kept.ctid as row_id,
        '{{ identifier.kind }}' as identifier_kind,
        {{ comparable_identifier(identifier.kind, "kept." ~ adapter.quote(identifier.name)) }} as identifier,
        {% if use.table.clock -%}
        coalesce(kept.{{ adapter.quote(use.table.clock) }}, 'infinity') as used_at
        {%- else -%}
        'infinity'::timestamptz as used_at
        {%- endif %}
    from {{ use.relation }} as kept
    where kept.{{ adapter.quote(use.column) }} in (
        {%- for value in use.declared %}'{{ value | replace("'", "''") }}'{{ ", " if not loop.last }}{% endfor -%}
    )
    union all
    {% endfor -%}
    {% endfor -%}
    select
        null as relation,
        null as column_name,
        null as row_id,
        null as identifier_kind,
        null as identifier,
        null::timestamptz as used_at
    where false
),

offenders as (
    select
        marketing.relation,
        marketing.column_name,
        count(distinct marketing.row_id) as offenders,
        marketing.relation || ' records marketing, by ' || marketing.column_name || ', in '
        || count(distinct marketing.row_id) || ' row(s) later than the person''s opt-out. Take the address off the '
        || 'lists of the sender; service messages may go on.' as finding
    from marketing
    inner join opted_out
        on
            marketing.identifier_kind = opted_out.identifier_kind
            and marketing.identifier = opted_out.identifier
            and marketing.used_at > opted_out.opted_out_at
    group by marketing.relation, marketing.column_name
)

{{ not_excepted("offenders", "violation_marketing_use_after_opt_out") }}
