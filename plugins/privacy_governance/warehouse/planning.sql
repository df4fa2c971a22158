-- What a plan asks about every table, found once: who is tombstoned, who is held, and from where on columns were not
-- looked at yet. Each is a view that joins all that the warehouse knows with all that was ever promised; a plan would ask
-- it a hundred times, and the planner would have to think about it as often. Read by bootstrap after purge.sql, safe to
-- run again. Raw identifiers are among it: it stays for as long as a plan is made, and is unlogged, so in no WAL.
create unlogged table if not exists intermediate.int_identifiers__tombstoned_now (
    identifier_kind text not null,
    identifier text not null,
    tombstone_id bigint not null,
    request_id text not null,
    doomed_from timestamptz not null,
    doomed_until timestamptz not null
);
create unlogged table if not exists intermediate.int_identifiers__held_now (
    identifier_kind text not null,
    identifier text not null
);
create unlogged table if not exists intermediate.int_columns__unread_now (
    relation text not null,
    cutoff timestamptz,
    read_from timestamptz not null,
    loaded_from timestamptz not null
);
-- no column of these has statistics: pg_statistic would name people after the tables are empty
alter table intermediate.int_identifiers__tombstoned_now
alter column identifier set statistics 0,
alter column request_id set statistics 0;
alter table intermediate.int_identifiers__held_now alter column identifier set statistics 0;

-- Finds it as it is now. One plan at a time: it keeps others out to the end of its transaction, as a plan's tables do.
create or replace function governance.prepare_plan() returns void
language plpgsql as $$
begin
    perform governance.clear_plan();
    insert into intermediate.int_identifiers__tombstoned_now
    select identifier_kind, identifier, tombstone_id, request_id, doomed_from, doomed_until
    from intermediate.int_identifiers__tombstoned;
    insert into intermediate.int_identifiers__held_now
    select distinct identifier_kind, identifier from intermediate.int_identifiers__held;
    insert into intermediate.int_columns__unread_now
    select relation, cutoff, read_from, loaded_from from intermediate.int_columns__unread;
    -- few or many: the planner has to know
    analyze intermediate.int_identifiers__tombstoned_now;
    analyze intermediate.int_identifiers__held_now;
    analyze intermediate.int_columns__unread_now;
end
$$;

-- Empties it, and its files: nothing of a person is left in a page.
create or replace function governance.clear_plan() returns void
language sql as $$
    truncate
        intermediate.int_identifiers__tombstoned_now, intermediate.int_identifiers__held_now,
        intermediate.int_columns__unread_now
$$;
