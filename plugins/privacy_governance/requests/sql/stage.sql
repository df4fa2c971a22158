-- What a file holds: blanks around a field are cut, an empty one is null.
create temporary table staged (
    line bigint not null,
    part integer not null,
    refusal text,
    request_id text,
    received_at timestamptz,
    regulation_type text,
    user_id text,
    email text,
    anonymous_id text,
    phone text,
    device_id text,
    customer text,
    residency text,
    confirmed_at timestamptz,
    verified_at timestamptz,
    verified_by text,
    verification_method text,
    agent_proof text,
    channel text
) on commit drop;

-- HMAC-SHA256 by the ledger's key, as the macro keyed_token; the pads come from the session.
create function pg_temp.ledger_token(value text) returns text
language sql stable as $$
    select encode(sha256(
        decode(current_setting('governance.ledger_opad'), 'hex')
        || sha256(decode(current_setting('governance.ledger_ipad'), 'hex') || convert_to(value, 'UTF8'))
    ), 'hex')
$$;

-- As the macro user_token_text.
create function pg_temp.user_token_text(user_id text) returns text
language sql immutable as $$
    select regexp_replace(
        user_id, '^(user_id|anonymous_id|email|phone|device_id|advertising_id):', 'user_id:\1:'
    )
$$;

-- What makes a request the same request: all but how it was verified and confirmed, which may follow later.
create function pg_temp.content(
    regulation_type text, received_at timestamptz, user_id text, anonymous_id text, email text, phone text, device_id text,
    customer text
) returns text
language sql stable as $$
    select row(
        upper(trim(regulation_type)), received_at, nullif(trim(user_id), ''), nullif(trim(anonymous_id), ''),
        nullif(lower(btrim(email, E' \t\n\x0B\f\r' || chr(160))), ''),
        nullif(right(regexp_replace(phone, '\D', '', 'g'), 10), ''),
        nullif(trim(device_id), ''), nullif(trim(customer), '')
    )::text
$$
