with source as (
    {{ declared_rows('business', 'inferred_preferences') }}
)

select
    id as inference_id,
    nullif(user_id, '') as user_id,
    inferred_at,
    preference,
    value as preference_value,
    confidence,
    model_version
from source
