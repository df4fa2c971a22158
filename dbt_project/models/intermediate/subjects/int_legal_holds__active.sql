-- Whom tonight's holds name, a row an identifier. Where somebody else's system left something out, rather more is kept
-- than less: a hold without a first day has begun. violation_unusable_hold lists what has to be put right.
{% for kind in held_kinds() -%}
select
    coalesce(hold_id, '') as hold_id,
    '{{ kind }}' as identifier_kind,
    {{ kind }} as identifier
from {{ ref("stg_privacy_desk__legal_holds") }}
where
    {{ kind }} is not null
    -- compared with a constant, of which the planner expects few: the table is too small for PostgreSQL to count it by
    -- itself, and of hundreds of holds it would rather read a table through than look up whom they name
    and case
        when
            -- of a night that is run late, or again, rows go today: who is held by now is kept
            coalesce(starts_on, '-infinity') <= greatest({{ night() }}, current_date)
            and coalesce(ends_on, 'infinity') >= {{ night() }}
            then 1
    end = 1
{{ "union all" if not loop.last }}
{% endfor -%}
