-- Requests by token: one for each identifier given, strongest first; the first of them stands for the subject.
-- A user id is hashed as token_text says, any other identifier behind its kind: none can pass for another.
select
    request_id,
    regulation_type,
    received_at,
    confirmed_at,
    -- a verification says who verified; an agent's request waits for the proof of authority: 11 CCR 7063
    case
        when verified_by is not null and (channel is distinct from 'agent' or agent_proof is not null) then verified_at
    end as verified_at,
    verified_by,
    verification_method,
    residency,
    agent_proof,
    channel,
    customer is not null as is_for_a_customer,
    array_remove(
        array[
            case when user_id is not null then {{ keyed_token(user_token_text("user_id"), "ledger") }} end,
            case when anonymous_id is not null then {{ keyed_token("'anonymous_id:' || anonymous_id", "ledger") }} end,
            case when email is not null then {{ keyed_token("'email:' || email", "ledger") }} end,
            case when phone is not null then {{ keyed_token("'phone:' || phone", "ledger") }} end,
            case when device_id is not null then {{ keyed_token("'device_id:' || device_id", "ledger") }} end
        ],
        null
    ) as given_tokens
from {{ ref("stg_privacy_desk__privacy_requests") }}
