-- The other way to purge a relation: written anew without its doomed rows.

-- Whether no view, foreign key or trigger hangs on a relation, so that another can take its place.
create or replace function governance.is_alone(leaf regclass) returns boolean
language sql stable as $$
    select
        not exists (select 1 from pg_depend where refobjid = leaf and classid = 'pg_rewrite'::regclass)
        and not exists (select 1 from pg_constraint where contype = 'f' and leaf in (conrelid, confrelid))
        and not exists (select 1 from pg_trigger where tgrelid = leaf)
$$;

-- Writes a relation anew without its doomed rows, and puts it in the old one's place; returns the rows left behind.
-- Only for relations that nobody else writes to; null where a view, a foreign key or a trigger hangs on it.
create or replace function governance.rewrite_without_doomed(
    planned text, leaf regclass, of_relation text, under_digest text, not_held text
) returns bigint language plpgsql as $$
declare
    home text;
    name text;
    grants aclitem [];
    granted record;
    expected bigint;
    kept bigint;
    before bigint;
begin
    select nspname, relname, relacl into home, name, grants
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
    -- before the lock that keeps readers out: they would wait for every receipt
    call governance.enter_receipts(of_relation, under_digest);
    perform set_config('lock_timeout', '800ms', true);
    execute format('drop table %s', leaf);
    execute format('alter table %I.%I rename to %I', home, name || '__rewritten', name);
    return expected;
end
$$;
