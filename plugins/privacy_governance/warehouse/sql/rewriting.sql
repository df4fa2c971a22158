-- The other way to purge a relation: written anew without its doomed rows.

-- Whether another table can take a relation's place: nothing hangs on it (a view, a foreign key, a trigger, a
-- partitioned table, a publication, ...), and it has nothing that a copy of its columns, indexes and grants would lack.
create or replace function governance.is_alone(leaf regclass) returns boolean
language sql stable as $$
    select
        not exists (
            select 1 from pg_class as whole
            inner join pg_depend as hanging
                on (hanging.refobjid = whole.oid and hanging.refclassid = 'pg_class'::regclass)
                or (hanging.refobjid = whole.reltype and hanging.refclassid = 'pg_type'::regclass)
            where whole.oid = leaf and hanging.deptype = 'n'
        )
        and not exists (select 1 from pg_constraint where contype = 'f' and leaf in (conrelid, confrelid))
        and not exists (select 1 from pg_trigger where tgrelid = leaf)
        and not exists (select 1 from pg_inherits where leaf in (inhrelid, inhparent))
        and not exists (select 1 from pg_publication_rel where prrelid = leaf)
        -- a sequence would begin anew, or go with the old table
        and not exists (
            select 1 from pg_depend
            inner join pg_class as sequence on pg_depend.objid = sequence.oid and sequence.relkind = 'S'
            where pg_depend.refobjid = leaf and pg_depend.classid = 'pg_class'::regclass
        )
        and not exists (
            select 1 from pg_attribute
            where attrelid = leaf and not attisdropped and (attgenerated <> '' or attacl is not null)
        )
        and exists (
            select 1 from pg_class
            where
                oid = leaf and relkind = 'r' and relpersistence = 'p' and relreplident = 'd' and not relrowsecurity
        )
$$;

-- Writes a relation anew without its doomed rows, and puts it in the old one's place; returns the rows left behind.
-- Only for relations that nobody else writes to; null where it is not alone.
create or replace function governance.rewrite_without_doomed(
    planned text, leaf regclass, of_relation text, under_digest text, not_held text
) returns bigint language plpgsql as $$
declare
    home text;
    name text;
    grants aclitem [];
    said text;
    granted record;
    expected bigint;
    kept bigint;
    before bigint;
begin
    select nspname, relname, relacl, obj_description(pg_class.oid, 'pg_class') into home, name, grants, said
    from pg_class inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid where pg_class.oid = leaf;
    if not governance.is_alone(leaf) then
        return null;
    end if;
    execute format('lock table %s in share mode', leaf);
    -- once, so that all of the rewrite sees the same holds
    execute format('delete from %s as doomed where not (%s)', planned, not_held);
    execute format(
        'insert into pg_temp.purged_rows select doomed.reason, tombstone.subject_token, tombstone.request_id, null, count(*)'
        ' from %1$s as doomed inner join %2$s as kept on kept.ctid = doomed.row_id and kept.xmin = doomed.row_version'
        ' left join governance.tombstones as tombstone on doomed.tombstone_id = tombstone.tombstone_id'
        ' where doomed.redacted_columns is null group by 1, 2, 3', planned, leaf
    );
    select coalesce(sum(purged_rows), 0) into expected from pg_temp.purged_rows;
    execute format('create table %I.%I (like %s including all)', home, name || '__rewritten', leaf);
    execute format(
        'insert into %1$I.%2$I select kept.* from %3$s as kept where not exists (select 1 from %4$s as doomed'
        ' where doomed.row_id = kept.ctid and doomed.row_version = kept.xmin and doomed.redacted_columns is null)',
        home, name || '__rewritten', leaf, planned
    );
    get diagnostics kept = row_count;
    execute format('select count(*) from %s', leaf) into before;
    if before <> kept + expected then
        raise exception '% would lose % rows and its receipts name %', leaf, before - kept, expected;
    end if;
    for granted in select * from aclexplode(grants) loop
        execute format(
            'grant %s on %I.%I to %s', granted.privilege_type, home, name || '__rewritten',
            case when granted.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(granted.grantee)) end
        );
    end loop;
    execute format('comment on table %I.%I is %L', home, name || '__rewritten', said);
    -- before the lock that keeps readers out: they would wait for every receipt
    call governance.enter_receipts(of_relation, under_digest);
    perform set_config('lock_timeout', '800ms', true);
    execute format('drop table %s', leaf);
    execute format('alter table %I.%I rename to %I', home, name || '__rewritten', name);
    return expected;
end
$$;
