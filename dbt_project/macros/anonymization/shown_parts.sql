{#-
  How the cells of an aggregate may be parted: [parent columns, part, shown_part], a row a cell. `cells` names a CTE of one
  row a parent and part, with `subjects` (each in one part), and with `amount` and `largest` (the most that one subject has
  of it) where an amount is shown. A cell of fewer than k subjects, or of which one subject has most, is merged with the
  smallest of the others until they are safe together; `shown_part` is null where not even the whole is.

  So what is shown partitions the subjects: every figure, and every sum and difference of figures, is about k subjects or
  more. Nothing is left out of a total that the rest would give away: complementary suppression, with the sum told.
-#}
{% macro shown_parts(cells, parent, part, others, whole, has_amount=false) -%}
    {%- set within = parent | join(", ") -%}
    {%- set is_safe = "subjects >= " ~ var("k") -%}
    {%- set are_safe = "running_subjects >= " ~ var("k") -%}
    {%- if has_amount -%}
        {%- set is_safe = is_safe ~ " and largest <= " ~ var("dominance_limit") ~ " * amount" -%}
        {%- set are_safe = are_safe ~ " and running_largest <= " ~ var("dominance_limit") ~ " * running_amount" -%}
    {%- endif -%}
    select
        {{ within }},
        {{ part }},
        case
            when place > merged then {{ part }}
            when merged = parts then '{{ whole }}'
            when merged is not null then '{{ others }}'
        end as shown_part
    from (
        select
            placed.*,
            case
                when unsafe_parts = 0 then 0
                else min(place) filter (where place >= unsafe_parts and {{ are_safe }}) over (partition by {{ within }})
            end as merged
        from (
            select
                judged.*,
                row_number() over ascending as place,
                sum(subjects) over ascending as running_subjects,
                {%- if has_amount %}
                sum(amount) over ascending as running_amount,
                max(largest) over ascending as running_largest,
                {%- endif %}
                count(*) filter (where not is_safe) over (partition by {{ within }}) as unsafe_parts,
                count(*) over (partition by {{ within }}) as parts
            from (
                select
                    *,
                    {{ is_safe }} as is_safe
                from {{ cells }}
            ) as judged
            window ascending as (
                partition by {{ within }} order by is_safe asc, subjects asc, {{ part }} asc
                rows between unbounded preceding and current row
            )
        ) as placed
    ) as limited
{%- endmacro %}
