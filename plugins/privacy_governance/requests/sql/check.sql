create temporary table checked on commit drop as
with read as materialized (
    select
        line,
        part,
        refusal as flaw,
        nullif(trim(request_id), '') as given_id,
        upper(trim(regulation_type)) as regulation_type,
        nullif(trim(received_at), '') as received,
        pg_temp.moment(trim(received_at)) as received_at,
        nullif(trim(user_id), '') as user_id,
        nullif(lower(trim(email)), '') as email,
        nullif(trim(anonymous_id), '') as anonymous_id,
        nullif(trim(phone), '') as phone,
        nullif(trim(device_id), '') as device_id,
        nullif(trim(customer), '') as customer,
        nullif(trim(residency), '') as residency,
        nullif(trim(confirmed_at), '') as confirmed,
        pg_temp.moment(trim(confirmed_at)) as confirmed_at,
        nullif(trim(verified_at), '') as verified,
        pg_temp.moment(trim(verified_at)) as verified_at,
        nullif(trim(verified_by), '') as verified_by,
        nullif(trim(verification_method), '') as verification_method,
        nullif(trim(agent_proof), '') as agent_proof,
        nullif(lower(trim(channel)), '') as channel
    from staged
),

judged as materialized (
    select
        *,
        case
            when flaw is not null then flaw
            when regulation_type is null then 'regulation_type is missing.'
            when regulation_type <> all(%(types)s) then 'regulation_type is none of ' || array_to_string(%(types)s, ', ') || '.'
            when received is not null and received_at is null then 'received_at is no moment of ISO 8601.'
            when received is null and part = 0 then 'received_at is missing.'
            when received_at > now() then 'received_at is in the future.'
            when coalesce(user_id, email, anonymous_id, phone, device_id) is null
                then 'no identifier: give one of user_id, anonymous_id, email, phone, device_id.'
            when greatest(
                length(user_id), length(email), length(anonymous_id), length(phone), length(device_id), length(customer)
            ) > 512 then 'an identifier has over 512 characters.'
            when email !~ '^[^@\s]+@[^@\s]+$' then 'email has not the form of an address.'
            when length(regexp_replace(phone, '\D', '', 'g')) not between 7 and 15 then 'phone has not 7 to 15 digits.'
            when given_id !~ %(id)s
                then 'request_id has other characters than letters, digits and . _ : -, or over 100 of them.'
            when confirmed is not null and confirmed_at is null then 'confirmed_at is no moment of ISO 8601.'
            when confirmed_at > now() then 'confirmed_at is in the future.'
            when verified is not null and verified_at is null then 'verified_at is no moment of ISO 8601.'
            when verified_at > now() then 'verified_at is in the future.'
            when verified_at is not null and verified_by is null then 'verified_at without verified_by: name the team.'
            when verified_at is not null and channel = 'agent' and agent_proof is null
                then 'verified, through an agent, without agent_proof: name where the proof of authority is filed.'
            when verified_by !~ %(reference)s then 'verified_by is not a short name without special characters.'
            when verification_method !~ %(reference)s then 'verification_method is not a short name.'
            when agent_proof !~ %(reference)s then 'agent_proof is not a reference: name where the proof is filed.'
            when residency !~ %(reference)s then 'residency is not a code such as US-CA.'
            when channel !~ %(reference)s then 'channel is not a short name.'
        end as refusal
    from read
),

named as materialized (
    select
        *,
        case
            when refusal is not null then null
            when given_id is not null then given_id
            -- the same request again has the same id; without its moment, only the same file can tell that it is the same
            else 'rq-' || left(pg_temp.ledger_token('request' || row(
                regulation_type, coalesce(received_at::text, %(file_digest)s), user_id, email, anonymous_id, phone,
                device_id, customer
            )::text), 40)
        end as request_id,
        case
            when refusal is null and given_id is not null then pg_temp.content(
                regulation_type, received_at, user_id, anonymous_id, email, phone, device_id, customer
            )
        end as content
    from judged
),

placed as materialized (
    select
        *,
        row_number() over same as nth,
        first_value(content) over same as first_content,
        first_value(line) over same as first_line
    from named
    window same as (partition by request_id order by line, part)
),

-- compared with what is there already; where the purge has taken the row in raw, with the ledger
compared as (
    select
        placed.*,
        entry.request_id is not null as is_known,
        case
            when given_id is null or entry.request_id is null then false
            when entry.is_in_raw then entry.content is distinct from placed.content
            else
                entry.regulation_type <> placed.regulation_type
                or entry.received_at is distinct from placed.received_at
                or entry.given_tokens <> '{}'
                and entry.given_tokens <> array_remove(array[
                    pg_temp.ledger_token(user_id),
                    pg_temp.ledger_token('anonymous_id:' || anonymous_id),
                    pg_temp.ledger_token('email:' || email),
                    pg_temp.ledger_token('phone:' || right(regexp_replace(phone, '\D', '', 'g'), 10)),
                    pg_temp.ledger_token('device_id:' || device_id)
                ], null)
        end as is_other
    from placed
    left join (
        select distinct on (request_id) *
        from (
            select
                request_id, true as is_in_raw, null as regulation_type, null::timestamptz as received_at,
                null::text [] as given_tokens,
                pg_temp.content(
                    regulation_type, received_at, user_id, anonymous_id, email, phone, device_id, customer
                ) as content
            from raw.privacy_requests
            where request_id in (select request_id from placed)
            union all
            select request_id, false, regulation_type, received_at, given_tokens, null
            from governance.deletion_requests
            where request_id in (select request_id from placed)
        ) as entries
        order by request_id, is_in_raw desc
    ) as entry on placed.request_id = entry.request_id
)

select
    line, part, request_id, coalesce(received_at, now()) as received_at, regulation_type, user_id, email, anonymous_id,
    phone, device_id, customer, residency, confirmed_at, verified_at, verified_by, verification_method, agent_proof, channel,
    case
        when refusal is not null then refusal
        when nth > 1 and content is distinct from first_content
            then 'request_id stands on line ' || first_line || ' already, with other content.'
        when is_other then 'request_id belongs to a request with other content, submitted before.'
    end as refusal,
    is_known or nth > 1 as is_known
from compared
