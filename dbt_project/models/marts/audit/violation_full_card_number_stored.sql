{#- Where people write what they like: declared text that names a person, in what they say or pay with. -#}
{%- set written = ["communications", "transaction_information", "other_information"] %}
-- A run of 13 to 19 digits counts where a card network's numbers begin and the check digit holds: an order number of
-- chance does so once in about 40 times. Beside a letter it is part of a hash or a token: those of 300,000 rows hold
-- some by chance. Only a row whose text can hold such a run is taken apart.
with digits_written as (
    {% for declared in declared_text(written) -%}
    select
        '{{ declared.relation }}' as relation,
        '{{ declared.column }}' as column_name,
        kept.ctid as row_id,
        regexp_replace(found.run[1], '[ -]', '', 'g') as digits
    from {{ declared.relation }} as kept
    cross join lateral regexp_matches(
        kept.{{ adapter.quote(declared.column) }}, '(?<![0-9A-Za-z])([2-6](?:[ -]?[0-9]){12,18})(?![0-9A-Za-z])', 'g'
    ) as found (run)
    where translate(kept.{{ adapter.quote(declared.column) }}, ' -', '') ~ '[0-9]{13}'
    union all
    {% endfor -%}
    select
        null as relation,
        null as column_name,
        null as row_id,
        null as digits
    where false
),

card_numbers as (
    select
        relation,
        column_name,
        row_id
    from digits_written
    where
        -- Visa, Mastercard, American Express, Diners, JCB, Discover, UnionPay
        digits ~ (
            '^(4([0-9]{12}|[0-9]{15}|[0-9]{18})|5[1-5][0-9]{14}|2(22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)'
            || '[0-9]{12}|3[47][0-9]{13}|3(0[0-5]|[689][0-9])[0-9]{11}|35[0-9]{14,17}'
            || '|6(011|5[0-9]{2}|4[4-9][0-9])[0-9]{12,15}|62[0-9]{14,17})$'
        )
        and (
            -- ISO/IEC 7812-1, annex B: from the right, every second digit counts double, its own digits added
            select sum(case when place % 2 = 1 then digit when digit > 4 then digit * 2 - 9 else digit * 2 end) % 10
            from (
                select
                    place,
                    substr(reverse(digits), place, 1)::integer as digit
                from generate_series(1, length(digits)) as place
            ) as placed
        ) = 0
),

offenders as (
    select
        relation,
        column_name,
        count(distinct row_id) as offenders,
        relation || '.' || column_name || ' holds what reads as a full card number in ' || count(distinct row_id)
        || ' row(s). Mask all but the last four digits where it is written, or record an exception in '
        || 'governance_exceptions.csv.' as finding
    from card_numbers
    group by relation, column_name
)

{{ not_excepted("offenders", "violation_full_card_number_stored") }}
