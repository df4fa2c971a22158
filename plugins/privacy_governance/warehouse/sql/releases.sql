-- Releases: their periods, members, withdrawals and measures; and what validation found.

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
