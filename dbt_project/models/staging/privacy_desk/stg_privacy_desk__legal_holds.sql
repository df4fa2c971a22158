with source as (
    {{ declared_rows('privacy_desk', 'legal_holds') }}
)

-- whom it names as identifiers are compared, as in requests
select
    hold_id,
    {% for kind in held_kinds() -%}
    {{ comparable_identifier(kind, kind) }} as {{ kind }},
    {% endfor -%}
    reason,
    placed_by,
    starts_on,
    ends_on
from source
