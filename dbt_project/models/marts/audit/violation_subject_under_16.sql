{#- A declared date of birth, by the names that it goes by. -#}
{%- set birthdays = ["birthday", "birth_date", "birthdate", "born_on", "date_of_birth"] %}
with young as (
    {% for declared in declared_columns() if declared.column in birthdays -%}
    select
        '{{ declared.relation }}' as relation,
        '{{ declared.column }}' as column_name,
        count(*) as offenders
    from {{ declared.relation }} as kept
    where kept.{{ adapter.quote(declared.column) }} > ({{ night() }} - interval '16 years')::date
    union all
    {% endfor -%}
    select
        null as relation,
        null as column_name,
        0 as offenders
    where false
),

offenders as (
    select
        relation,
        column_name,
        offenders,
        relation || '.' || column_name || ' is less than 16 years ago in ' || offenders || ' row(s). Enter a request '
        || 'to delete for each such subject: govern request submit; or record an exception in '
        || 'governance_exceptions.csv.' as finding
    from young
    where offenders > 0
)

{{ not_excepted("offenders", "violation_subject_under_16") }}
