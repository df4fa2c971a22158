-- What a file holds, as text: nothing is believed before it was checked.
create temporary table staged (
    line bigint not null,
    part integer not null,
    refusal text,
    request_id text,
    received_at text,
    regulation_type text,
    user_id text,
    email text,
    anonymous_id text,
    phone text,
    device_id text,
    customer text,
    residency text,
    confirmed_at text,
    verified_at text,
    verified_by text,
    verification_method text,
    agent_proof text,
    channel text
) on commit drop;

-- ISO 8601 with a day that exists; without a zone it is UTC, without a time the day's first moment. Else null, no error.
create function pg_temp.moment(written text) returns timestamptz
language sql stable as $$
    select case
        when written ~ (
            '^(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])'
            '([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?( ?(Z|UTC|[+-](0\d|1[0-4])(:?[0-5]\d)?))?)?$'
        ) then
            case
                when substr(written, 9, 2)::int
                    <= extract(day from (substr(written, 1, 7) || '-01')::date + interval '1 month' - interval '1 day')
                    then written::timestamptz
            end
    end
$$;

-- HMAC-SHA256 by the ledger's key, as the macro keyed_token; the pads come from the session.
create function pg_temp.ledger_token(value text) returns text
language sql stable as $$
    select encode(sha256(
        decode(current_setting('governance.ledger_opad'), 'hex')
        || sha256(decode(current_setting('governance.ledger_ipad'), 'hex') || convert_to(value, 'UTF8'))
    ), 'hex')
$$;

-- What makes a request the same request: all but how it was verified and confirmed, which may follow later.
create function pg_temp.content(
    regulation_type text, received_at timestamptz, user_id text, anonymous_id text, email text, phone text, device_id text,
    customer text
) returns text
language sql stable as $$
    select row(
        upper(trim(regulation_type)), received_at, nullif(trim(user_id), ''), nullif(trim(anonymous_id), ''),
        nullif(lower(trim(email)), ''), nullif(right(regexp_replace(phone, '\D', '', 'g'), 10), ''),
        nullif(trim(device_id), ''), nullif(trim(customer), '')
    )::text
$$
