{#- Rows in the equivalence class that these quasi-identifiers span; a NULL is a value like any other. -#}
{% macro class_size(quasi_identifiers) -%}
    count(*) over (partition by {{ quasi_identifiers | join(", ") }})
{%- endmacro %}

{#-
  The classes of a released model among some rows (a CTE's or relation's name) that may not be shown: of fewer than k
  subjects, or, where the model has sensitive attributes, of a group in which fewer than l of their values are left or
  whose values are further than t from those of all that is shown. One row a subject within a class, so its rows are its
  subjects.
-#}
{% macro unsafe_classes(rows, model, condition=none) -%}
    {%- set class, group = quasi_identifiers(model), diversity_class(model) -%}
    {%- if group -%}
    with {{ privacy_governance.shown_groups(rows, class, group, condition) }}

    select
        {%- for column in class %}
        diverse.{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from diverse
    left join placed on diverse.group_number = placed.group_number
    where not diverse.is_diverse or placed.place > (select held.places from held)
    {%- else -%}
    select
        {%- for column in class %}
        {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ rows }}
    {%- if condition %}
    where {{ condition }}
    {%- endif %}
    group by {{ class | join(", ") }}
    having count(*) < {{ var("k") }}
    {%- endif -%}
{%- endmacro %}

{#-
  The classes of a relation with fewer than k subjects, counted by their tokens. In the first pass each token sets one
  bit of its class's: no class has fewer subjects than bits, and no row is sorted. Only the few classes that this leaves
  open are counted.
-#}
{% macro undersized_classes(relation, class) -%}
    with suspect as (
        select {{ class | join(", ") }}
        from {{ relation }}
        group by {{ class | join(", ") }}
        having
            coalesce(bit_count(bit_or(set_bit(0::bit(1024), hashtext(subject_token) & 1023, 1))), 0) < {{ var("k") }}
    )

    select
        {%- for column in class %}
        shown.{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ relation }} as shown
    inner join suspect
        on
            -- nulls have the same hash, which a join can look up
            {{ class_hash("shown", class) }} = {{ class_hash("suspect", class) }}
            and {{ same_class("shown", "suspect", class) }}
    group by
        {%- for column in class %}
        shown.{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    having count(distinct shown.subject_token) < {{ var("k") }}
{%- endmacro %}

{#-
  CTEs of which groups may be shown. `varied`: the groups of which l holds, for each sensitive attribute by itself (one
  may be the same for all where two together differ; NULL is none of its values). `diverse`: the classes, each in its
  group, and whether k and l hold. `placed`: the groups that do, those most like all first. `held`: how many of them, in
  that order, are each within t of what they are together. Who is left out changes what all is, so t can't be asked of
  one group after the other; one group alone holds.

  The distance of two distributions is half the sum of their differences (earth mover's with equal distances, Li et al.
  2007), which is also the sum of the positive ones: values that a group lacks need no rows. It is of all attributes
  together, and none by itself is further.
-#}
{% macro shown_groups(rows, class, group, condition) -%}
    {%- set sensitive = class | reject("in", group) | list -%}
    sized as (
        select
            {%- for column in class %}
            {{ column }},
            {%- endfor %}
            count(*) as subjects
        from {{ rows }}
        {%- if condition %}
        where {{ condition }}
        {%- endif %}
        group by {{ class | join(", ") }}
    ),

    varied as (
        select
            {%- for column in group %}
            {{ column }}{{ "," if not loop.last }}
            {%- endfor %}
        from sized
        where subjects >= {{ var("k") }}
        group by {{ group | join(", ") }}
        having
            {%- for attribute in sensitive %}
            count(distinct {{ attribute }}) >= {{ var("l") }}{{ " and" if not loop.last }}
            {%- endfor %}
    ),

    diverse as (
        select
            {%- for column in class %}
            sized.{{ column }},
            {%- endfor %}
            sized.subjects,
            dense_rank() over (order by sized.{{ group | join(", sized.") }}) as group_number,
            dense_rank() over (order by sized.{{ sensitive | join(", sized.") }}) as value_number,
            sized.subjects >= {{ var("k") }}
            and exists (
                select 1 from varied
                where
                    {{ same_class("varied", "sized", group) }}
            ) as is_diverse
        from sized
    ),

    compared as (
        select
            group_number,
            value_number,
            subjects,
            sum(subjects) over (partition by group_number) as group_subjects,
            sum(subjects) over (partition by value_number) as value_subjects,
            sum(subjects) over () as all_subjects
        from diverse
        where is_diverse
    ),

    placed as (
        select
            group_number,
            row_number() over (
                order by
                    sum(greatest(subjects / group_subjects - value_subjects / all_subjects, 0)) asc,
                    group_number asc
            ) as place
        from compared
        group by group_number
    ),

    prefixes as (
        select
            last_place.place as places,
            compared.value_number,
            sum(compared.subjects) as value_subjects,
            sum(sum(compared.subjects)) over (partition by last_place.place) as all_subjects
        from placed as last_place
        inner join placed on last_place.place >= placed.place
        inner join compared on placed.group_number = compared.group_number
        group by last_place.place, compared.value_number
    ),

    distances as (
        select
            prefixes.places,
            sum(
                greatest(
                    compared.subjects / compared.group_subjects - prefixes.value_subjects / prefixes.all_subjects, 0
                )
            ) as distance
        from prefixes
        inner join placed on prefixes.places >= placed.place
        inner join compared
            on placed.group_number = compared.group_number and prefixes.value_number = compared.value_number
        group by prefixes.places, compared.group_number
    ),

    held as (
        select max(places) as places
        from (
            select places
            from distances
            group by places
            having max(distance) <= {{ var("t") }}
        ) as within_t
    )
{%- endmacro %}

{#- A number that is the same in all rows of a class, and nearly always another in those of another. -#}
{% macro class_hash(alias, columns) -%}
    hash_record_extended(row({{ alias }}.{{ columns | join(", " ~ alias ~ ".") }}), 0)
{%- endmacro %}

{#- Whether two rows, by alias, are of one class; a NULL is a value like any other. -#}
{% macro same_class(one, other, columns) -%}
    {%- for column in columns -%}
        {{ one }}.{{ column }} is not distinct from {{ other }}.{{ column }}{{ "\n        and " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
