-- Schemas, roles and the ledger that every step relies on. Safe to run again: it only adds what is missing.

create schema if not exists raw;
create schema if not exists staging;
create schema if not exists intermediate;
create schema if not exists research_candidate;
create schema if not exists research;
create schema if not exists research_previous;
create schema if not exists governance;
create schema if not exists audit;

-- A key's fingerprint, so that a changed key is noticed instead of silently matching nobody.
create table if not exists governance.key_fingerprints (
    purpose text primary key,
    fingerprint text not null check (length(fingerprint) = 64 and encode(decode(fingerprint, 'hex'), 'hex') = fingerprint),
    first_used_at timestamptz not null default now()
);

create table if not exists governance.nights (
    night date primary key,
    state text not null check (state in ('enforced', 'refused', 'validated', 'published')),
    violations bigint check (violations >= 0),
    candidate_digest text check (length(candidate_digest) = 64 and encode(decode(candidate_digest, 'hex'), 'hex') = candidate_digest),
    decided_at timestamptz not null default now()
);

-- Made here rather than by dbt's first run, so that its model compiles to the same SQL on the first night as on all others.
create table if not exists intermediate.int_subjects__tokenized (
    subject_id text primary key,
    ledger_token text not null unique check (length(ledger_token) = 64 and encode(decode(ledger_token, 'hex'), 'hex') = ledger_token),
    research_token text not null check (length(research_token) = 64 and encode(decode(research_token, 'hex'), 'hex') = research_token)
);
-- Two subjects have no token in common, index or not; a hash index takes half the time and a third of the bytes.
create index if not exists int_subjects__tokenized_released
on intermediate.int_subjects__tokenized using hash (research_token);
do $$
begin
    if exists (select from pg_constraint where conname = 'int_subjects__tokenized_research_token_key') then
        alter table intermediate.int_subjects__tokenized drop constraint int_subjects__tokenized_research_token_key;
    end if;
end
$$;

-- Every identifier that was seen; its id is the first half of its ledger token, so that links are small.
create table if not exists intermediate.int_identifiers__tokenized (
    identifier_kind text not null,
    identifier text not null check (identifier <> ''),
    ledger_token text not null unique check (length(ledger_token) = 64 and encode(decode(ledger_token, 'hex'), 'hex') = ledger_token),
    identifier_id uuid not null unique,
    primary key (identifier_kind, identifier)
);

-- Two identifiers that stood in one row: its strongest, and another of it. is_alias: the linked one is a former id.
create table if not exists intermediate.int_identifiers__linked (
    identifier_id uuid not null,
    identifier_kind text not null,
    linked_id uuid not null,
    linked_kind text not null,
    is_alias boolean not null,
    primary key (identifier_id, linked_id, is_alias)
);
create index if not exists int_identifiers__linked_back
on intermediate.int_identifiers__linked (linked_id) include (identifier_id, identifier_kind, is_alias);

-- Makes a relation's statistics anew where it is half as large again, or half as small, as when they were made. Plans for
-- the empty table that it was looked into a million rows once for each of them, all of a first night; autovacuum comes later.
-- What is empty is left: the planner is careful with a table that was never analyzed, and careless with one known as empty.
create or replace function governance.analyze_changed(relation regclass) returns void
language plpgsql as $$
begin
    if (
        select pages > 0 and (reltuples < 0 or abs(pages - relpages) > relpages / 2)
        from pg_class
        cross join lateral (select pg_relation_size(oid) / current_setting('block_size')::integer as pages) as size
        where oid = relation
    ) then
        execute format('analyze %s', relation);
    end if;
end
$$;

-- Up to when a relation's rows were read for identifiers; void when the relation's file is another one.
create table if not exists governance.identifier_watermarks (
    relation text primary key,
    file_node oid not null,
    read_until timestamptz not null
);

create table if not exists governance.column_edges (
    output_relation text not null,
    output_column text,
    source_relation text,
    source_column text,
    kind text not null check (kind in ('direct', 'indirect', 'unresolved')),
    transformation text not null,
    functions text [] not null,
    reason text,
    check (kind <> 'unresolved' or reason is not null)
);

-- A model's trace is kept as long as its digest: of its SQL, the columns it may read, and the code that traces.
create table if not exists governance.traced_models (
    relation text primary key,
    digest text not null check (length(digest) = 64 and encode(decode(digest, 'hex'), 'hex') = digest),
    columns text [] not null,
    types text [] not null check (cardinality(types) = cardinality(columns)),
    edges bigint not null check (edges >= 0)
);

create table if not exists governance.column_tags (
    relation text not null,
    column_name text not null,
    categories text [] not null,
    identifiability text not null check (
        identifiability in ('direct', 'quasi', 'pseudonymous', 'aggregate', 'none', 'unknown')
    ),
    origin text not null check (origin in ('declared', 'derived', 'unknown', 'built in')),
    path text [] not null,
    reason text,
    primary key (relation, column_name)
);

-- What each declared column is used for, a row a use; not present: the warehouse lacks the whole table.
create table if not exists governance.column_uses (
    relation text not null,
    column_name text not null,
    category text not null,
    pi_kind text not null,
    source text not null,
    purpose text not null,
    party text,
    sensitive_kind text,
    is_present boolean not null,
    unique nulls not distinct (relation, column_name, category, pi_kind, source, purpose, party)
);

-- what stood before this was written down: since today
alter table governance.column_uses add column if not exists used_from date not null default current_date;

-- Uses that ended, with the days on which they stood, so that a schedule can be told as of any day since the first tags.
create table if not exists governance.former_column_uses (
    relation text not null,
    column_name text not null,
    category text not null,
    pi_kind text not null,
    source text not null,
    purpose text not null,
    party text,
    sensitive_kind text,
    is_present boolean not null,
    used_from date not null,
    used_until date not null check (used_from <= used_until)
);

-- Uses as of the session's night; as of the first day that is known, where it lies before that.
create or replace view governance.column_uses_as_of as
with asked as (
    select
        greatest(
            current_setting('governance.night')::date,
            least(
                (select min(used_from) from governance.column_uses),
                (select min(used_from) from governance.former_column_uses)
            )
        ) as day
)

select
    used.relation, used.column_name, used.category, used.pi_kind, used.source, used.purpose, used.party,
    used.sensitive_kind, used.is_present
from governance.column_uses as used
inner join asked on used.used_from <= asked.day
union all
select
    used.relation, used.column_name, used.category, used.pi_kind, used.source, used.purpose, used.party,
    used.sensitive_kind, used.is_present
from governance.former_column_uses as used
inner join asked on asked.day between used.used_from and used.used_until;

-- Where uses and the notice's chart disagree; aspect and member are null where a whole category does.
create table if not exists governance.notice_differences (
    breach text not null check (breach in ('undisclosed_use', 'unbacked_disclosure')),
    category text not null,
    aspect text check (aspect in ('pi_kind', 'source', 'purpose', 'party')),
    member text,
    relation text,
    column_name text,
    awaited_relations text [] not null,
    message text not null,
    check ((aspect is null) = (member is null)),
    check ((breach = 'undisclosed_use') = (relation is not null and column_name is not null)),
    check (breach = 'unbacked_disclosure' or awaited_relations = '{}')
);

-- A request's whole course, by token only. Kept at least 24 months: 11 CCR 7101.
create table if not exists governance.deletion_requests (
    request_id text primary key,
    regulation_type text not null,
    -- of the strongest identifier that the request gave; null where it gave none
    -- a bounded repetition, {64}, would take 13 times as long a row
    subject_token text check (length(subject_token) = 64 and encode(decode(subject_token, 'hex'), 'hex') = subject_token),
    given_tokens text [] not null default '{}',
    channel text,
    received_at timestamptz not null,
    confirm_by date not null,
    confirmed_on date,
    verified_at timestamptz,
    verified_by text,
    verification_method text,
    residency text,
    agent_proof text,
    due_on date not null,
    extended_on date,
    extension_reason text,
    state text not null check (
        state in (
            'received', 'verified', 'in review', 'on hold', 'tombstoned', 'carried out', 'refused', 'routed'
        )
    ),
    refusal text,
    decided_on date,
    carried_out_on date,
    answered_on date,
    check (state not in ('refused', 'routed') or refusal is not null),
    check ((extended_on is null) = (extension_reason is null))
);
create index if not exists deletion_requests_state on governance.deletion_requests (state);

-- 11 CCR 7101: the record of a request stays for 24 months at least, whoever may write to the ledger.
create or replace function governance.keep_request() returns trigger
language plpgsql as $$
begin
    raise exception 'a request is kept for 24 months (11 CCR 7101)' using errcode = 'insufficient_privilege';
end
$$;

create or replace trigger keep_request before delete on governance.deletion_requests
for each row when (old.received_at > now() - interval '24 months') execute function governance.keep_request();

-- An exception of Civ. Code 1798.105(d): the columns that one request leaves in place, for that purpose only.
create table if not exists governance.request_exceptions (
    request_id text not null references governance.deletion_requests,
    relation text not null,
    column_name text not null,
    exception text not null check (
        exception in (
            'transaction', 'security', 'debugging', 'free_speech', 'calecpa', 'research', 'internal_use',
            'legal_obligation'
        )
    ),
    reason text not null,
    decided_by text not null,
    decided_on date not null,
    -- the last day on which it holds; null: until the row's retention ends
    expires_on date,
    primary key (request_id, relation, column_name)
);
alter table governance.request_exceptions add column if not exists expires_on date;

-- What identity resolution found for a request: each identifier by token, and the tokens that led to it.
create table if not exists governance.request_identifiers (
    request_id text not null references governance.deletion_requests,
    identifier_kind text not null,
    identifier_token text not null check (length(identifier_token) = 64 and encode(decode(identifier_token, 'hex'), 'hex') = identifier_token),
    path text [] not null,
    is_shared boolean not null,
    primary key (request_id, identifier_token)
);

-- What a person has to decide before the job goes on.
create table if not exists governance.reviews (
    review_id bigint generated always as identity primary key,
    kind text not null check (kind in ('identity', 'purge plan')),
    -- the request's id, or the plan's digest
    about text not null,
    finding text not null,
    opened_on date not null,
    decision text check (decision in ('approved', 'rejected')),
    decided_by text,
    decided_at timestamptz,
    reason text,
    unique (kind, about),
    check ((decision is null) = (decided_by is null) and (decision is null) = (decided_at is null))
);

-- A row a tombstoned identifier. Rows of it whose clock lies in [doomed_from, doomed_until) go, whenever they arrive.
create table if not exists governance.tombstones (
    identifier_token text primary key check (length(identifier_token) = 64 and encode(decode(identifier_token, 'hex'), 'hex') = identifier_token),
    identifier_kind text not null,
    subject_token text not null check (length(subject_token) = 64 and encode(decode(subject_token, 'hex'), 'hex') = subject_token),
    request_id text not null references governance.deletion_requests,
    tombstoned_on date not null,
    doomed_from timestamptz not null default '-infinity',
    doomed_until timestamptz not null default 'infinity',
    check (doomed_from < doomed_until)
);
-- which one, in few bytes: millions of planned rows name it
alter table governance.tombstones
add column if not exists tombstone_id bigint generated always as identity unique;
create index if not exists tombstones_subject on governance.tombstones (subject_token);

-- Identifiers that a hold active tonight reaches, resolved like those of a request; made anew each night.
create table if not exists governance.held_identifiers (
    hold_id text not null,
    identifier_token text not null check (length(identifier_token) = 64 and encode(decode(identifier_token, 'hex'), 'hex') = identifier_token),
    primary key (hold_id, identifier_token)
);

-- What a night is about to purge, and how; written before the first row goes.
create table if not exists governance.purge_plans (
    night date not null,
    plan_digest text not null check (length(plan_digest) = 64 and encode(decode(plan_digest, 'hex'), 'hex') = plan_digest),
    relation text not null,
    reason text not null check (reason in ('tombstone', 'retention', 'withdrawal')),
    planned_rows bigint not null check (planned_rows >= 0),
    subjects bigint not null check (subjects >= 0),
    table_rows bigint not null,
    table_bytes bigint not null,
    strategy text not null check (strategy in ('delete', 'delete in batches', 'rewrite and swap', 'drop partition')),
    strategy_reason text not null,
    estimated_seconds double precision not null,
    planned_at timestamptz not null default now(),
    primary key (night, plan_digest, relation, reason)
);

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

-- The periods in which a subject keeps its research token; a fingerprint tells two salts apart and gives neither away.
create table if not exists governance.key_periods (
    period integer primary key,
    began_on date not null,
    fingerprint text not null unique check (length(fingerprint) = 64 and encode(decode(fingerprint, 'hex'), 'hex') = fingerprint),
    kept_in text not null check (kept_in in ('file', 'environment')),
    -- when its salt was destroyed by this product; one that the environment holds is destroyed where it is kept
    destroyed_at timestamptz
);

create table if not exists governance.releases (
    release_id bigint generated always as identity primary key,
    kind text not null default 'publish' check (kind in ('publish', 'rollback')),
    night date not null,
    -- of a rollback: the release whose content readers see again
    returns_to bigint references governance.releases,
    reason text,
    period integer references governance.key_periods,
    policy_digest text check (length(policy_digest) = 64 and encode(decode(policy_digest, 'hex'), 'hex') = policy_digest),
    content_digest text not null check (length(content_digest) = 64 and encode(decode(content_digest, 'hex'), 'hex') = content_digest),
    relations text [] not null,
    released_rows bigint not null,
    published_at timestamptz not null default now(),
    check ((kind = 'rollback') = (returns_to is not null))
);

-- Who was ever released in this token period: a cohort joined in one release and leaves by k or more.
create table if not exists governance.release_members (
    subject_token text primary key check (length(subject_token) = 64 and encode(decode(subject_token, 'hex'), 'hex') = subject_token),
    cohort integer not null check (cohort > 0),
    joined_on date not null,
    withdrawn_on date
);
create index if not exists release_members_withdrawn
on governance.release_members (subject_token) where withdrawn_on is not null;

-- What left a release, a row a class and cohort that shrank; `departed` of the withdrawn had to go, the others went along.
create table if not exists governance.release_withdrawals (
    night date not null,
    departed bigint not null check (departed > 0),
    withdrawn bigint not null check (withdrawn >= departed),
    remaining bigint not null check (remaining >= 0)
);

-- Weeks and quarters before this day are published, and never again.
create table if not exists governance.release_closings (
    relation text primary key,
    closed_until date not null
);

-- Between a rotation and the next publish: the tokens that the standing release still holds. Empty otherwise.
create table if not exists governance.former_research_tokens (
    former_token text primary key check (length(former_token) = 64 and encode(decode(former_token, 'hex'), 'hex') = former_token),
    research_token text not null check (length(research_token) = 64 and encode(decode(research_token, 'hex'), 'hex') = research_token)
);

-- What each night's release discloses and what it still tells; a measure that was not counted is null.
create table if not exists governance.release_measures (
    night date not null,
    relation text not null,
    measure text not null,
    value double precision,
    measured_at timestamptz not null default now(),
    primary key (night, relation, measure)
);

create table if not exists audit.validation_results (
    night date not null,
    suite text not null,
    expectation text not null,
    relation text not null,
    column_name text,
    is_met boolean not null,
    observed text,
    validated_at timestamptz not null default now()
);
-- what is unmet blocks publishing, unless it is a warning
alter table audit.validation_results add column if not exists severity text not null default 'critical';
create index if not exists validation_results_night on audit.validation_results (night);

-- Up to when each column's values were looked at for expiry. Void, so that all rows are looked at again, once the rule does
-- something else, the relation's file is another one, or somebody whose rows a hold kept then is not held any more.
create table if not exists governance.column_expiries (
    relation text not null,
    column_name text not null,
    action text not null check (action in ('redact_column', 'generalize_column')),
    expired_until timestamptz not null,
    loaded_until timestamptz not null,
    held_tokens text [] not null,
    file_node oid not null,
    primary key (relation, column_name)
);

-- Who may do what with all this: roles.sql, which runs next.
