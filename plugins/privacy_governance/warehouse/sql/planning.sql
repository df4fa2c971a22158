-- What a plan asks about every table, found once: who is tombstoned, who is held, what requests leave in place, and from
-- where on columns were not looked at yet. Each is a view that joins all that the warehouse knows with all that was ever
-- promised; a plan would ask it a hundred times, and the planner would have to think about it as often. Raw identifiers
-- are among it: it is there for as long as a plan is made, and unlogged, so in no WAL.

-- Columns that PostgreSQL computes itself, a row each that they are computed from; null where from none. A redaction can
-- only empty those.
create or replace view governance.computed_columns as
select
    computed.attrelid as relation_id,
    computed.attname::text as column_name,
    origin.attname::text as origin
from pg_attribute as computed
inner join pg_attrdef as expression on computed.attrelid = expression.adrelid and computed.attnum = expression.adnum
left join pg_depend as use
    on
        use.classid = 'pg_attrdef'::regclass and use.objid = expression.oid
        and use.refclassid = 'pg_class'::regclass and use.refobjid = computed.attrelid
        and use.refobjsubid <> 0 and use.refobjsubid <> computed.attnum
left join pg_attribute as origin on use.refobjid = origin.attrelid and use.refobjsubid = origin.attnum
where computed.attgenerated <> '';

-- Finds it as it is now. One plan at a time: a second would take the tables from under the first, which then fails.
create or replace function governance.prepare_plan() returns void
language plpgsql as $$
declare
    list text;
begin
    perform governance.clear_plan();
    create unlogged table intermediate.int_identifiers__tombstoned_now as
    select identifier_kind, identifier, tombstone_id, request_id, doomed_from, doomed_until
    from intermediate.int_identifiers__tombstoned;
    create unlogged table intermediate.int_identifiers__held_now as
    select distinct identifier_kind, identifier from intermediate.int_identifiers__held;
    create unlogged table intermediate.int_columns__unread_now as
    select relation, cutoff, read_from, loaded_from from intermediate.int_columns__unread;
    create unlogged table intermediate.honoured_exceptions_now as
    select request_id, relation, column_name, expires_on from governance.honoured_exceptions;
    -- no statistics of whom: pg_statistic is where values outlive their table's rows
    alter table intermediate.int_identifiers__tombstoned_now
    alter column identifier set statistics 0,
    alter column request_id set statistics 0;
    alter table intermediate.int_identifiers__held_now alter column identifier set statistics 0;
    -- few or many: the planner has to know
    analyze intermediate.int_identifiers__tombstoned_now;
    analyze intermediate.int_identifiers__held_now;
    analyze intermediate.int_columns__unread_now;
    analyze intermediate.honoured_exceptions_now;
    -- And that nearly all differ, without a value of it, which PostgreSQL can be told from 18 on. Taken for a few that come
    -- often, they would be looked up in a hash of the whole table, written to the disk, in place of the other way round.
    if current_setting('server_version_num')::integer >= 180000 then
        foreach list in array array['int_identifiers__tombstoned_now', 'int_identifiers__held_now'] loop
            perform pg_restore_attribute_stats(
                'schemaname', 'intermediate', 'relname', list, 'attname', 'identifier', 'inherited', false,
                'null_frac', 0::real, 'avg_width', 32, 'n_distinct', -1::real
            );
        end loop;
    end if;
end
$$;

-- Drops it, also what a killed plan left.
create or replace function governance.clear_plan() returns void
language sql as $$
    drop table if exists
        intermediate.int_identifiers__tombstoned_now, intermediate.int_identifiers__held_now,
        intermediate.int_columns__unread_now, intermediate.honoured_exceptions_now
$$;
