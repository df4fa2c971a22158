-- Retention's own rules are dbt's seeds.

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
