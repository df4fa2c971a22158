-- Asks for columns only and calls PostgreSQL's own functions: none of the ledger's, which an intruder could replace.
with linked as (
    select
        receipt_id,
        digest,
        encode(sha256(convert_to(jsonb_build_array(
            receipt_id, night, relation, reason, subject_token, request_id, redacted_columns, purged_rows, plan_digest,
            extract(epoch from purged_at), previous_digest
        )::text, 'UTF8')), 'hex') as digest_of_content,
        previous_digest,
        lag(digest, 1, repeat('0', 64)) over in_order as digest_before,
        lag(receipt_id, 1, 0::bigint) over in_order as receipt_before
    from {{ source("governance", "purge_receipts") }}
    window in_order as (order by receipt_id)
),

kept as (
    select coalesce(max(receipt_id), 0) as newest_receipt from {{ source("governance", "purge_receipts") }}
),

copied as (
    select coalesce(max(newest_receipt), 0) as newest_receipt from {{ source("governance", "ledger_copies") }}
),

breaks as (
    select
        'digest' as column_name,
        count(*) as offenders,
        'other content than its digest covers' as what,
        min(receipt_id) as first_receipt
    from linked
    where digest is distinct from digest_of_content
    union all
    select
        'previous_digest' as column_name,
        count(*) as offenders,
        'another receipt before them than they follow' as what,
        min(receipt_id) as first_receipt
    from linked
    -- after a gap nothing can follow: the gap is what is wrong
    where previous_digest is distinct from digest_before and receipt_id = receipt_before + 1
    union all
    select
        'receipt_id' as column_name,
        coalesce(sum(receipt_id - receipt_before - 1), 0) as offenders,
        'no place in the ledger any more: they are missing' as what,
        min(receipt_before + 1) as first_receipt
    from linked
    where receipt_id <> receipt_before + 1
    union all
    select
        'receipt_id' as column_name,
        copied.newest_receipt - kept.newest_receipt as offenders,
        'a place in the ledger''s copy only: the end was cut off' as what,
        kept.newest_receipt + 1 as first_receipt
    from copied
    cross join kept
    where copied.newest_receipt > kept.newest_receipt
),

offenders as (
    select
        'governance.purge_receipts' as relation,
        column_name,
        offenders,
        'governance.purge_receipts: ' || offenders || ' receipt(s) from ' || first_receipt || ' on have ' || what
        || '. Run govern verify-ledger, and restore the ledger from its copy.' as finding
    from breaks
    where offenders > 0
)

{{ not_excepted("offenders", "violation_broken_ledger") }}
