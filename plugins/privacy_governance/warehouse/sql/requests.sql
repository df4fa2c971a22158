-- What people ask, what is decided about it, and the tombstones and holds that come of it.

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

-- Exceptions by the requests that they count for: the one on which each was recorded (recorded_under), and all that found
-- an identifier of the same person. Of several requests of a person a tombstone carries one.
create or replace view governance.honoured_exceptions as
with recorded as (
    select excepted.*
    from governance.request_exceptions as excepted
    inner join governance.deletion_requests as request on excepted.request_id = request.request_id
    where request.state not in ('refused', 'routed')
),

of_one_person as (
    select recorded.request_id as recorded_under, recorded.request_id
    from recorded
    union
    select own.request_id, other.request_id
    from governance.request_identifiers as own
    inner join governance.request_identifiers as other on own.identifier_token = other.identifier_token
    where
        own.request_id in (select recorded.request_id from recorded)
        and not own.is_shared
        and not other.is_shared
)

select
    of_one_person.request_id,
    recorded.request_id as recorded_under,
    recorded.relation,
    recorded.column_name,
    recorded.exception,
    recorded.expires_on
from recorded
inner join of_one_person on recorded.request_id = of_one_person.recorded_under;

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
    -- of a request: the digest of the user ids that an approval covers; null where they are too many to be one person's
    covers text,
    unique (kind, about),
    check ((decision is null) = (decided_by is null) and (decision is null) = (decided_at is null))
);

alter table governance.reviews add column if not exists covers text;

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
