-- The ledger of receipts: its chain, how receipts are entered by the thousand, its copy.

create table if not exists governance.purge_receipts (
    receipt_id bigint primary key,
    night date not null,
    relation text not null,
    reason text not null check (reason in ('tombstone', 'retention', 'withdrawal')),
    subject_token text check (length(subject_token) = 64 and encode(decode(subject_token, 'hex'), 'hex') = subject_token),
    request_id text,
    -- null: the rows are gone; else these columns of them are
    redacted_columns text [] check (cardinality(redacted_columns) > 0),
    purged_rows bigint not null check (purged_rows > 0),
    plan_digest text check (length(plan_digest) = 64 and encode(decode(plan_digest, 'hex'), 'hex') = plan_digest),
    purged_at timestamptz not null,
    previous_digest text not null check (length(previous_digest) = 64 and encode(decode(previous_digest, 'hex'), 'hex') = previous_digest),
    digest text not null check (length(digest) = 64 and encode(decode(digest, 'hex'), 'hex') = digest),
    check ((reason = 'tombstone') = (subject_token is not null))
);

-- A receipt's digest covers its content and the digest before it: an edit, a gap or a reorder breaks the chain.
-- The newest receipt is looked up once a transaction and then kept in a setting of it: a lookup a row, through a
-- function call, costs more than the rest of the insert. Whoever forges the setting breaks the chain, no more.
create or replace function governance.chain_receipt() returns trigger
language plpgsql as $$
declare
    head text [] := string_to_array(current_setting('governance.chain_head', true), ' ');
    this_transaction text := pg_current_xact_id()::text;
begin
    if head[1] is distinct from this_transaction then
        perform pg_advisory_xact_lock(hashtext('governance.purge_receipts'));
        select array[this_transaction, receipt_id::text, digest] into head
        from governance.purge_receipts order by receipt_id desc limit 1;
    end if;
    new.receipt_id := coalesce(head[2]::bigint, 0) + 1;
    new.purged_at := clock_timestamp();
    new.previous_digest := coalesce(head[3], repeat('0', 64));
    -- the same as governance.receipt_digest(new), whose call would cost as much as all of this
    new.digest := encode(sha256(convert_to(jsonb_build_array(
        new.receipt_id, new.night, new.relation, new.reason, new.subject_token,
        new.request_id, new.redacted_columns, new.purged_rows, new.plan_digest,
        extract(epoch from new.purged_at), new.previous_digest
    )::text, 'UTF8')), 'hex');
    perform set_config('governance.chain_head', concat_ws(' ', this_transaction, new.receipt_id, new.digest), true);
    return new;
end
$$;

create or replace function governance.receipt_digest(receipt governance.purge_receipts) returns text
language sql stable as $$
    select encode(sha256(convert_to(jsonb_build_array(
        receipt.receipt_id, receipt.night, receipt.relation, receipt.reason, receipt.subject_token,
        receipt.request_id, receipt.redacted_columns, receipt.purged_rows, receipt.plan_digest,
        extract(epoch from receipt.purged_at), receipt.previous_digest
    )::text, 'UTF8')), 'hex')
$$;

create or replace trigger chain_receipt before insert on governance.purge_receipts
for each row when (new.digest is null) execute function governance.chain_receipt();

create or replace function governance.refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception 'governance.% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$$;

create or replace trigger refuse_change before update or delete or truncate on governance.purge_receipts
for each statement execute function governance.refuse_change();

-- A night reads its own receipts, at the end of a ledger that grows for years.
create index if not exists purge_receipts_of_night on governance.purge_receipts using brin (night);

-- The chain's next digest, as governance.receipt_digest makes it; a fold, because a function call a receipt and a look
-- at the newest one took 0.13 ms each.
create or replace function governance.chained(previous text, entry text, newest text) returns text
language plpgsql immutable as $$
begin
    return encode(sha256(convert_to(entry || coalesce(previous, newest) || '"]', 'UTF8')), 'hex');
end
$$;

create or replace aggregate governance.chain(entry text, newest text) (
    sfunc = governance.chained, stype = text
);

-- Enters what pg_temp.purged_rows counted, in this transaction, and empties it; nothing where it is empty.
create or replace procedure governance.enter_receipts(of_relation text, under_digest text)
language plpgsql as $$
declare
    moment timestamptz;
    newest_id bigint;
    newest_digest text;
    -- what is the same in each receipt, as jsonb_build_array writes it: to build one a receipt took five times as long
    same_before text;
    same_after text;
begin
    if not exists (select from pg_temp.purged_rows) then
        return;
    end if;
    -- all that can be done before the lock, for which the other relation that is purged at the same time may wait. By the
    -- token first: what is sorted by it is told apart by its first letters.
    create temporary table numbered_receipts as
    select
        row_number() over (
            order by counted.subject_token collate "C", counted.reason, counted.request_id collate "C",
            counted.redacted_columns
        ) as place,
        counted.*,
        counted.reason || '", '
        || coalesce('"' || counted.subject_token || '"', 'null') || ', '
        || coalesce(to_jsonb(counted.request_id)::text, 'null') || ', '
        || coalesce(to_jsonb(counted.redacted_columns)::text, 'null') || ', ' || counted.purged_rows as entry
    from pg_temp.purged_rows as counted;
    -- the other may have many receipts to enter, too: no lock of a stranger's
    perform set_config('lock_timeout', '10min', true);
    perform pg_advisory_xact_lock(hashtext('governance.purge_receipts'));
    select receipt_id, digest into newest_id, newest_digest
    from governance.purge_receipts order by receipt_id desc limit 1;
    newest_id := coalesce(newest_id, 0);
    newest_digest := coalesce(newest_digest, repeat('0', 64));
    moment := clock_timestamp();
    same_before := ', ' || to_jsonb(current_setting('governance.night')::date)::text || ', '
        || to_jsonb(of_relation)::text || ', "';
    same_after := ', ' || coalesce(to_jsonb(under_digest)::text, 'null') || ', '
        || to_jsonb(extract(epoch from moment))::text || ', "';
    insert into governance.purge_receipts (
        receipt_id, night, relation, reason, subject_token, request_id, redacted_columns, purged_rows, plan_digest,
        purged_at, previous_digest, digest
    )
    select
        newest_id + place, current_setting('governance.night')::date, of_relation, reason, subject_token, request_id,
        redacted_columns, purged_rows, under_digest, moment, lag(digest, 1, newest_digest) over (order by place), digest
    from (
        select
            *,
            governance.chain('[' || newest_id + place || same_before || entry || same_after, newest_digest)
                over (order by place rows unbounded preceding) as digest
        from pg_temp.numbered_receipts
    ) as chained;
    drop table pg_temp.numbered_receipts;
    delete from pg_temp.purged_rows;
    -- the trigger of the chain keeps its newest receipt so, and must not miss these
    select concat_ws(' ', pg_current_xact_id(), receipt_id, digest) into newest_digest
    from governance.purge_receipts order by receipt_id desc limit 1;
    perform set_config('governance.chain_head', newest_digest, true);
end
$$;

-- The ledger's copy outside the warehouse, a row a file of it: a warehouse without the newest was restored from a backup.
create table if not exists governance.ledger_copies (
    copy_id bigint primary key,
    -- SHA-256 of the file
    digest text not null unique check (length(digest) = 64 and encode(decode(digest, 'hex'), 'hex') = digest),
    newest_receipt bigint not null check (newest_receipt >= 0),
    copied_at timestamptz not null default now()
);

-- What of each ledger row was copied last; receipts never change, and are known by the newest one copied.
create table if not exists governance.ledger_copied (
    table_name text not null,
    row_key text not null,
    row_digest text not null,
    primary key (table_name, row_key)
);

-- While one is open, a restored backup is being held to the ledger: analysts read nothing, nights don't run.
create table if not exists governance.restore_checks (
    check_id bigint generated always as identity primary key,
    opened_at timestamptz not null default now(),
    closed_at timestamptz,
    brought_back bigint check (brought_back >= 0),
    purged_rows bigint check (purged_rows >= 0),
    check ((closed_at is null) = (purged_rows is null))
);

-- When the bytes of what was purged were removed from a relation's files.
create table if not exists governance.rewrites (
    rewrite_id bigint generated always as identity primary key,
    relation text not null,
    bytes_before bigint not null,
    bytes_after bigint not null,
    rewritten_at timestamptz not null default now()
);
