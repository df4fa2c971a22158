with source as (
    {{ declared_rows('business', 'survey_responses') }}
)

select
    id as response_id,
    nullif(user_id, '') as user_id,
    submitted_at,
    survey_name,
    score,
    answer
from source
