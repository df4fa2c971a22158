insert into raw.privacy_requests (
    request_id, received_at, regulation_type, user_id, email, anonymous_id, phone, device_id, customer, residency,
    confirmed_at, verified_at, verified_by, verification_method, agent_proof, channel, status
)
select
    request_id, coalesce(received_at, now()), regulation_type, user_id, email, anonymous_id, phone, device_id, customer, residency,
    confirmed_at, verified_at, verified_by, verification_method, agent_proof, channel,
    case when verified_at is null then 'received' else 'verified' end
from judged
where
    not exists (
        select 1 from set_aside where set_aside.line = judged.line and set_aside.part = judged.part
    )
