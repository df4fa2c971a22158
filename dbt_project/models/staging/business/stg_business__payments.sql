with source as (
    {{ declared_rows('business', 'payments') }}
)

select
    id as payment_id,
    nullif(user_id, '') as user_id,
    order_id,
    paid_at,
    amount,
    currency as currency_code,
    status as payment_status,
    card_brand,
    card_last4,
    billing_name,
    billing_postal_code,
    billing_country as billing_country_code,
    processor,
    processor_token
from source
