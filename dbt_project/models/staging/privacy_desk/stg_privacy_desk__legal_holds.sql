with source as (
    {{ declared_rows('privacy_desk', 'legal_holds') }}
)

select
    hold_id,
    nullif(user_id, '') as user_id,
    reason,
    placed_by,
    starts_on,
    ends_on
from source
