with source as (
    {{ declared_rows('segment', 'accounts') }}
)

select
    id as account_id,
    received_at,
    created_at,
    name as account_name,
    industry,
    employees as employee_count,
    plan,
    website,
    address_country as country_code,
    uuid_ts as loaded_at
from source
