-- What all else stands on: schemas, the key's fingerprint, nights, statistics.

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
