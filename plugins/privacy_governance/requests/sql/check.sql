-- One pass over what was staged; `offset 0` keeps each stage from being computed again for every use of it.
create temporary table judged on commit drop as
select
    line, part, given_id, received_at, regulation_type, user_id, email, anonymous_id, phone, device_id, customer, residency,
    confirmed_at, verified_at, verified_by, verification_method, agent_proof, channel, refusal,
    case
        when refusal is not null then null
        when given_id is not null then given_id
        -- the same request again has the same id; without its moment, only the same file can tell that it is the same
        else 'rq-' || left(pg_temp.ledger_token('request' || row(
            regulation_type, coalesce(received_at::text, %(file_digest)s), user_id, email, anonymous_id, phone, device_id,
            customer
        )::text), 40)
    end as request_id
from (
    select
        *,
        case
            when flaw is not null then flaw
            when regulation_type is null then 'regulation_type is missing.'
            when regulation_type <> all(%(types)s)
                then 'regulation_type is none of ' || array_to_string(%(types)s, ', ') || '.'
            when received_at is null and (part = 0 or given_id is not null) then 'received_at is missing.'
            when received_at > now() then 'received_at is in the future.'
            when coalesce(user_id, email, anonymous_id, phone, device_id) is null
                then 'no identifier: give one of user_id, anonymous_id, email, phone, device_id.'
            when greatest(
                length(user_id), length(email), length(anonymous_id), length(phone), length(device_id), length(customer)
            ) > 512 then 'an identifier has over 512 characters.'
            when email !~ '^[^@\s]+@[^@\s]+$' then 'email has not the form of an address.'
            when length(regexp_replace(phone, '\D', '', 'g')) not between 7 and 15 then 'phone has not 7 to 15 digits.'
            when length(given_id) > 100 or given_id !~ %(id)s
                then 'request_id has other characters than letters, digits and . _ : -, or over 100 of them.'
            when confirmed_at > now() then 'confirmed_at is in the future.'
            when verified_at > now() then 'verified_at is in the future.'
            when verified_at is not null and verified_by is null then 'verified_at without verified_by: name the team.'
            when verified_at is not null and channel = 'agent' and agent_proof is null
                then 'verified, through an agent, without agent_proof: name where the proof of authority is filed.'
            when length(verified_by) > 80 or verified_by !~ %(reference)s then 'verified_by is not a short name without special characters.'
            when length(verification_method) > 80 or verification_method !~ %(reference)s then 'verification_method is not a short name.'
            when length(agent_proof) > 80 or agent_proof !~ %(reference)s then 'agent_proof is not a reference: name where the proof is filed.'
            when length(residency) > 80 or residency !~ %(reference)s then 'residency is not a code such as US-CA.'
            when length(channel) > 80 or channel !~ %(reference)s then 'channel is not a short name.'
        end as refusal
    from (
        select
            line, part, refusal as flaw, request_id as given_id, received_at, upper(regulation_type) as regulation_type,
            user_id, lower(email) as email, anonymous_id, phone, device_id, customer, residency, confirmed_at, verified_at,
            verified_by, verification_method, agent_proof, lower(channel) as channel
        from staged
        offset 0
    ) as read
    offset 0
) as checked_once
