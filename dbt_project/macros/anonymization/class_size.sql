{#- Rows in the equivalence class that these quasi-identifiers span; a NULL is a value like any other. -#}
{% macro class_size(quasi_identifiers) -%}
    count(*) over (partition by {{ quasi_identifiers | join(", ") }})
{%- endmacro %}

{#-
  The classes of a released model among some rows (a CTE's or relation's name) that may not be shown: of fewer than k
  subjects, or, where the model has sensitive attributes, of a group in which fewer than l of their values are left.
  One row a subject within a class, so its rows are its subjects.
-#}
{% macro unsafe_classes(rows, model, condition=none) -%}
    {%- set class, group = quasi_identifiers(model), diversity_class(model) -%}
    select
        {%- for column in class %}
        {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from (
        select
            {%- for column in class %}
            {{ column }},
            {%- endfor %}
            count(*) as subjects
            {%- if group %},
            sum(case when count(*) >= {{ var("k") }} then 1 else 0 end) over (
                partition by {{ group | join(", ") }}
            ) as sensitive_values
            {%- endif %}
        from {{ rows }}
        {%- if condition %}
        where {{ condition }}
        {%- endif %}
        group by {{ class | join(", ") }}
    ) as sized
    where subjects < {{ var("k") }}{% if group %} or sensitive_values < {{ var("l") }}{% endif %}
{%- endmacro %}

{#- Whether two rows, by alias, are of one class; a NULL is a value like any other. -#}
{% macro same_class(one, other, columns) -%}
    {%- for column in columns -%}
        {{ one }}.{{ column }} is not distinct from {{ other }}.{{ column }}{{ "\n        and " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
