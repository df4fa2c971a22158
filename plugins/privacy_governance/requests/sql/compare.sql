-- Requests that aren't kept: refused, or known where refusal is null. Each beside one of the same id that stands above it in
-- the file, in raw, or, where the purge has taken its row, in the ledger: the same content is known, another is refused.
create temporary table set_aside on commit drop as
with twice as (
    select request_id
    from judged
    where request_id is not null
    group by request_id
    having count(*) > 1
),

above as (
    select distinct on (request_id)
        request_id,
        line,
        part,
        pg_temp.content(
            regulation_type, received_at, user_id, anonymous_id, email, phone, device_id, customer
        ) as content
    from judged
    where request_id in (select twice.request_id from twice)
    order by request_id, line, part
),

entries as (
    select distinct on (request_id) *
    from (
        select
            request_id,
            true as is_in_raw,
            pg_temp.content(
                regulation_type, received_at, user_id, anonymous_id, email, phone, device_id, customer
            ) as content,
            null as regulation_type,
            null::timestamptz as received_at,
            null::text [] as given_tokens
        from raw.privacy_requests
        where request_id in (select judged.request_id from judged)
        union all
        select request_id, false, null, regulation_type, received_at, given_tokens
        from governance.deletion_requests
        where request_id in (select judged.request_id from judged)
    ) as entries_of_both
    order by request_id, is_in_raw desc
)

select
    line,
    part,
    refusal
from (
    select
        judged.line,
        judged.part,
        case
            when judged.refusal is not null then judged.refusal
            -- an id that was made of the content stands for it
            when judged.given_id is null then null
            -- what is null doesn't end an AND: the contents would be made for nothing
            when
                above.request_id is not null
                and (above.line, above.part) < (judged.line, judged.part)
                and above.content <> pg_temp.content(
                    judged.regulation_type, judged.received_at, judged.user_id, judged.anonymous_id, judged.email, judged.phone,
                    judged.device_id, judged.customer
                )
                then 'request_id stands on line ' || above.line || ' already, with other content.'
            when
                entry.is_in_raw is true
                and entry.content <> pg_temp.content(
                    judged.regulation_type, judged.received_at, judged.user_id, judged.anonymous_id, judged.email, judged.phone,
                    judged.device_id, judged.customer
                )
                or entry.is_in_raw is false
                and (
                    entry.regulation_type <> judged.regulation_type
                    or entry.received_at <> judged.received_at
                    or entry.given_tokens <> '{}'
                    and entry.given_tokens <> array_remove(array[
                        pg_temp.ledger_token(pg_temp.user_token_text(judged.user_id)),
                        pg_temp.ledger_token('anonymous_id:' || judged.anonymous_id),
                        pg_temp.ledger_token('email:' || judged.email),
                        pg_temp.ledger_token('phone:' || right(regexp_replace(judged.phone, '\D', '', 'g'), 10)),
                        pg_temp.ledger_token('device_id:' || judged.device_id)
                    ], null)
                )
                then 'request_id belongs to a request with other content, submitted before.'
        end as refusal,
        entry.request_id is not null
        or coalesce((above.line, above.part) < (judged.line, judged.part), false) as is_known
    from judged
    left join above on judged.request_id = above.request_id
    left join entries as entry on judged.request_id = entry.request_id
) as compared
where refusal is not null or is_known
