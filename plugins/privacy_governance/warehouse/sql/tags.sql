-- Columns: where each comes from, its tag, its uses, and what the notice says otherwise.

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
