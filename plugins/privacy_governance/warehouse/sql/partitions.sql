-- How whole partitions are purged.
-- A planned row without a row_id names all rows of the partition relation_id: its bounds say that they are past their
-- period, so nobody reads them. A planned partition whose every row is named by its place goes as a whole, too.

-- Whether nothing hangs on a partition (a view, a column of its rows' type, a foreign key) that a drop of it would stop at.
create or replace function governance.is_droppable(leaf regclass) returns boolean
language sql stable as $$
    select
        not exists (
            select from pg_depend
            where
                deptype = 'n'
                and (
                    (refclassid = 'pg_class'::regclass and refobjid = leaf)
                    or (
                        refclassid = 'pg_type'::regclass
                        and refobjid = (select reltype from pg_class where oid = leaf)
                    )
                )
        )
        and not exists (select from pg_constraint where contype = 'f' and confrelid = leaf)
$$;

-- Partitions by range of one column that is a time, with the times that they hold; nothing hangs on them.
create or replace view governance.partitions as
select
    bounded.relation,
    bounded.clock_column,
    bounded.partition_id,
    coalesce(substring(bounded.bounds from $$FROM \('([^']+)'\)$$)::timestamptz, '-infinity') as begins_at,
    substring(bounded.bounds from $$TO \('([^']+)'\)$$)::timestamptz as ends_at
from (
    select
        home.nspname || '.' || whole.relname as relation,
        clock.attname::text as clock_column,
        part.oid as partition_id,
        pg_get_expr(part.relpartbound, part.oid) as bounds
    from pg_partitioned_table as partitioned
    inner join pg_class as whole on partitioned.partrelid = whole.oid
    inner join pg_namespace as home on whole.relnamespace = home.oid
    inner join pg_attribute as clock
        on whole.oid = clock.attrelid and clock.attnum = partitioned.partattrs[0]
    inner join pg_inherits as inherits on whole.oid = inherits.inhparent
    inner join pg_class as part on inherits.inhrelid = part.oid
    where
        partitioned.partstrat = 'r'
        and partitioned.partnatts = 1
        and clock.atttypid in ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype)
        and not exists (select from pg_constraint where contype = 'f' and confrelid = whole.oid)
        -- nor on a part of it
        and not exists (select from pg_partition_tree(part.oid) as branch where not governance.is_droppable(branch.relid))
) as bounded;

-- Whom holds keep, as one value that changes when anybody joins or leaves: now by the view int_identifiers__held, when the
-- plan was made by the table that it looked into.
drop function if exists governance.held_digest();
create or replace function governance.held_digest(held text) returns text
language plpgsql stable as $$
declare
    found text;
begin
    execute format(
        'select md5(coalesce(string_agg(distinct md5(identifier_kind || '' '' || identifier), '' ''), '''')) from %s', held
    ) into found;
    return found;
end
$$;

-- Counts the rows of partitions that are planned as a whole, but for those that are planned one by one; once, because a
-- receipt says how many there were. Remembers whom holds kept then.
create or replace function governance.count_planned_partitions(planned text) returns void
language plpgsql as $$
declare
    part record;
    alive bigint;
begin
    for part in execute format('select relation_id from %s where row_id is null', planned) loop
        execute format('select count(*) from %s', part.relation_id::regclass) into alive;
        execute format(
            'update %1$s set held_digest = $1, planned_rows = $2 - (select count(*) from %1$s as doomed'
            ' where doomed.row_id is not null and doomed.redacted_columns is null'
            ' and doomed.relation_id in (select relid from pg_partition_tree($3)))'
            ' where relation_id = $3 and row_id is null',
            planned
        ) using governance.held_digest('intermediate.int_identifiers__held_now'), alive, part.relation_id;
    end loop;
    execute format('delete from %s where row_id is null and planned_rows = 0', planned);
end
$$;

-- Drops a partition that is past its period by its bounds, and returns how many rows it had; 0, so that the night plans
-- anew, where it has other rows than planned, or holds keep others than then.
create or replace function governance.drop_past_partition(
    planned text, part regclass, expected bigint, of_relation text, under_digest text
) returns bigint language plpgsql as $$
declare
    alive bigint;
    is_as_planned boolean;
begin
    execute format('lock table %s in share row exclusive mode', part);
    execute format(
        'select bool_and(held_digest = $2) from %s where relation_id = $1 and row_id is null', planned
    ) into is_as_planned using part::oid, governance.held_digest('intermediate.int_identifiers__held');
    execute format('select count(*) from %s', part) into alive;
    if alive <> expected or not is_as_planned then
        return 0;
    end if;
    insert into pg_temp.purged_rows values ('retention', null, null, null, alive);
    -- before the lock that keeps readers out: they would wait for every receipt
    call governance.enter_receipts(of_relation, under_digest);
    -- waits for readers of the whole table, and they would wait behind it: rather give up soon
    perform set_config('lock_timeout', '800ms', true);
    execute format('drop table %s', part);
    return alive;
end
$$;

-- Drops a partition whose every row is planned and not held, and returns how many; null where that is not so, or where
-- something hangs on it.
create or replace function governance.drop_doomed_partition(
    planned text, leaf regclass, of_relation text, under_digest text, not_held text
) returns bigint language plpgsql as $$
declare
    expected bigint;
    unheld bigint;
    alive bigint;
    there bigint;
begin
    if leaf = to_regclass(of_relation) or not governance.is_droppable(leaf) then
        return null;
    end if;
    execute format('lock table only %s in share row exclusive mode', leaf);
    execute format(
        'select count(*), count(*) filter (where %s) from %s as doomed'
        ' where relation_id = $1 and redacted_columns is null', not_held, planned
    ) into expected, unheld using leaf::oid;
    execute format('select count(*) from only %s', leaf) into alive;
    if expected <> unheld or alive <> expected then
        return null;
    end if;
    -- each by its place, as purge_step finds them: a planned row that is gone, and one beside it that is not planned,
    -- would make up for each other in a count
    execute format(
        'select count(*) from only %1$s as kept where kept.ctid = any(array(select row_id from %2$s'
        ' where relation_id = $1 and redacted_columns is null)) and kept.xmin in (select distinct row_version from %2$s'
        ' where relation_id = $1 and redacted_columns is null)', leaf, planned
    ) into there using leaf::oid;
    if there <> expected then
        return null;
    end if;
    execute format(
        'insert into pg_temp.purged_rows select doomed.reason, tombstone.subject_token, tombstone.request_id, null, count(*)'
        ' from %s as doomed left join governance.tombstones as tombstone on doomed.tombstone_id = tombstone.tombstone_id'
        ' where doomed.relation_id = $1 and doomed.redacted_columns is null group by 1, 2, 3', planned
    ) using leaf::oid;
    -- before the lock that keeps readers out: they would wait for every receipt
    call governance.enter_receipts(of_relation, under_digest);
    -- waits for readers of the whole table, and they would wait behind it: rather give up soon
    perform set_config('lock_timeout', '800ms', true);
    execute format('drop table %s', leaf);
    return expected;
end
$$;
