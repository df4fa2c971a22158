with offenders as (
    select
        relation,
        column_name,
        1 as offenders,
        relation || '.' || column_name || ' is ' || identifiability || ' (' || array_to_string(categories, ', ')
        || '), by ' || array_to_string(path, ' → ')
        || '. Drop, tokenize or generalize it in the model.' as finding
    from {{ source("governance", "column_tags") }}
    where relation like 'research\_candidate.%' and identifiability in ('direct', 'unknown')
)

{{ not_excepted("offenders", "violation_personal_column_in_research") }}
