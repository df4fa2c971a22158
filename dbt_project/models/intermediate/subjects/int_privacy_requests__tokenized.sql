select
    request_id,
    regulation_type,
    received_at,
    verified_at,
    {{ keyed_token("user_id", "ledger") }} as ledger_token
from {{ ref("stg_privacy_desk__privacy_requests") }}
