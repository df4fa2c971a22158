-- How planned rows are counted and cut into batches (purge.sql says what they are).

-- Which batch a subject's rows are of, as an expression.
create or replace function governance.batch_of_subject(batches integer) returns text
language sql immutable as $$
    select format('(hashtext(subject_token) & 2147483647) %% %s', batches)
$$;

-- Writes the planned rows anew in the order of their batches, with an index on it: to look for each batch in all of them
-- took as many readings as there are batches. A batch holds all of a subject's rows, so that one receipt says so; rows of
-- retention are cut in the order they were planned, which is about that of the table's pages.
create or replace function governance.batch_planned(planned text, batches integer) returns void
language plpgsql as $$
declare
    edges constant tid [] := (
        select array_agg(format('(%s,0)', pg_relation_size(planned::regclass) / 8192 * edge / batches)::tid)
        from generate_series(1, batches - 1) as edge
    );
begin
    drop table if exists pg_temp.planned_batches;
    execute format(
        'create temporary table planned_batches as select doomed.relation_id, doomed.row_id, doomed.row_version,'
        ' doomed.owner_kind, doomed.owner, doomed.tombstone_id, doomed.reason, doomed.redacted_columns,'
        ' doomed.planned_rows, case when doomed.tombstone_id is null then width_bucket(doomed.ctid, $1) else %s end'
        ' as batch from %s as doomed left join governance.tombstones as tombstone'
        ' on doomed.tombstone_id = tombstone.tombstone_id order by batch',
        governance.batch_of_subject(batches), planned
    ) using edges;
    create index on pg_temp.planned_batches using brin (batch) with (pages_per_range = 16);
    analyze pg_temp.planned_batches (relation_id, row_version, redacted_columns, batch);
end
$$;

-- The table that holds a planned table's counts.
create or replace function governance.groups_of(planned text) returns text
language sql stable as $$
    select format('%I.%I', relnamespace::regnamespace, relname || '_groups') from pg_class where oid = planned::regclass
$$;

-- Counts the planned rows once, by what a receipt names: the plan, its steps and their receipts all come of it. By
-- tombstones first, then by whose these are; what goes with its whole row, nearly all of a large purge, by two columns
-- only. Without statistics the planner would sort, which takes ten times as long as a hash.
create or replace function governance.group_planned(planned text) returns void
language plpgsql set enable_sort = off as $$
declare
    groups constant text := governance.groups_of(planned);
    grouped constant text := format(
        'create unlogged table %1$s with (autovacuum_enabled = off) as'
        ' select counted.relation_id, counted.redacted_columns, counted.reason,'
        ' tombstone.subject_token, tombstone.request_id, counted.is_whole, sum(counted.planned_rows)::bigint as planned_rows'
        ' from ('
        'select relation_id, null::text [] as redacted_columns, ''tombstone'' as reason, tombstone_id,'
        ' false as is_whole, count(*) as planned_rows'
        ' from %2$s where tombstone_id is not null and redacted_columns is null group by relation_id, tombstone_id'
        ' union all '
        'select relation_id, redacted_columns, reason, tombstone_id, row_id is null, sum(planned_rows)::bigint'
        ' from %2$s where tombstone_id is null or redacted_columns is not null group by 1, 2, 3, 4, 5'
        ') as counted left join governance.tombstones as tombstone on counted.tombstone_id = tombstone.tombstone_id'
        ' group by 1, 2, 3, 4, 5, 6',
        groups, planned
    );
    has_whole boolean;
begin
    execute grouped;
    execute format('select exists (select from %s where is_whole)', groups) into has_whole;
    if has_whole then
        perform governance.count_planned_partitions(planned);
        execute format('drop table %s', groups);
        execute grouped;
    end if;
end
$$;

-- Puts the counts of each batch into pg_temp.purge_groups: a subject's batch is known by its token, what has no subject
-- is counted again.
create or replace function governance.group_batches(planned text, batches integer) returns void
language plpgsql as $$
begin
    drop table if exists pg_temp.purge_groups;
    execute format(
        'create temporary table purge_groups as select relation_id, redacted_columns, %s as batch, reason,'
        ' subject_token, request_id, is_whole, planned_rows from %s',
        case when batches = 1 then '0' else governance.batch_of_subject(batches) end, governance.groups_of(planned)
    );
    if batches > 1 then
        delete from pg_temp.purge_groups where subject_token is null;
        insert into pg_temp.purge_groups
        select relation_id, redacted_columns, batch, reason, null, null, row_id is null, sum(planned_rows)::bigint
        from pg_temp.planned_batches where tombstone_id is null group by 1, 2, 3, 4, 7;
    end if;
end
$$;
