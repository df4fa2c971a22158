-- Whom and what the raw tables were seen to name.

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

-- Up to when a relation's rows were read for identifiers; void when the relation's file is another one.
create table if not exists governance.identifier_watermarks (
    relation text primary key,
    file_node oid not null,
    read_until timestamptz not null
);
