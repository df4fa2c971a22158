{#- Rows in the equivalence class that these quasi-identifiers span; a NULL is a value like any other. -#}
{% macro class_size(quasi_identifiers) -%}
    count(*) over (partition by {{ quasi_identifiers | join(", ") }})
{%- endmacro %}
