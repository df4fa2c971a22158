-- The other way to purge a relation: written anew without its doomed rows.

-- Whether nothing hangs on a relation that another in its place would not have: a view, function, foreign key, trigger,
-- rule, policy or publication, a partition, a column that numbers or computes itself, rights to single columns.
create or replace function governance.is_alone(leaf regclass) returns boolean
language sql stable as $$
    select
        relation.relkind = 'r' and relation.relpersistence = 'p' and relation.relreplident = 'd'
        and relation.reltablespace = 0 and not relation.relrowsecurity
        and not exists (select from pg_inherits where leaf in (inhrelid, inhparent))
        and not exists (select from pg_constraint where contype = 'f' and leaf in (conrelid, confrelid))
        and not exists (select from pg_trigger where tgrelid = leaf)
        and not exists (select from pg_rewrite where ev_class = leaf)
        and not exists (
            select from pg_attribute
            where attrelid = leaf and attnum > 0 and not attisdropped
            and (attidentity <> '' or attgenerated <> '' or attacl is not null)
        )
        -- who uses its rows' type depends on it by that type, whoever uses its columns by itself
        and not exists (
            select from pg_depend
            where
                (refclassid = 'pg_class'::regclass and refobjid = leaf
                    and (deptype = 'n' or classid in ('pg_policy'::regclass, 'pg_publication_rel'::regclass)
                        or exists (
                            select from pg_class as sequence
                            where classid = 'pg_class'::regclass and sequence.oid = objid and sequence.relkind = 'S'
                        )))
                or (refclassid = 'pg_type'::regclass and refobjid = relation.reltype and deptype = 'n')
        )
    from pg_class as relation where relation.oid = leaf
$$;

-- The indexes of a relation, as DDL for another; those of constraints are added by their constraint. `name` stays theirs.
create or replace function governance.index_statements(leaf regclass, another regclass)
returns table (name name, temporary_name name, statement text)
language sql stable as $$
    select
        index.relname,
        ('rewritten__' || index.oid)::name,
        case
            when con.oid is not null
                then format('alter table %s add constraint rewritten__%s %s', another, index.oid, pg_get_constraintdef(con.oid))
            else format(
                'create %sindex rewritten__%s on %s using %s',
                case when part.indisunique then 'unique ' end, index.oid, another,
                -- what comes after the names, which may hold any word
                substr(pg_get_indexdef(index.oid), length(format(
                    'CREATE %sINDEX %I ON %I.%I USING ',
                    case when part.indisunique then 'UNIQUE ' end, index.relname, home.nspname, owner.relname
                )) + 1)
            )
        end
    from pg_index as part
    inner join pg_class as index on part.indexrelid = index.oid
    inner join pg_class as owner on part.indrelid = owner.oid
    inner join pg_namespace as home on owner.relnamespace = home.oid
    left join pg_constraint as con on con.conindid = index.oid and con.contype in ('p', 'u', 'x')
    where part.indrelid = leaf and part.indisvalid
$$;

-- Gives `another` exactly the rights that others have to `leaf`: also none that a new relation of its schema would have.
create or replace function governance.grant_alike(leaf regclass, another regclass) returns void
language plpgsql as $$
declare
    statement text;
begin
    for statement in
        select
            format(
                case when rights.oid = leaf then 'grant %1$s on %2$s to %3$s%4$s' else 'revoke %1$s on %2$s from %3$s' end,
                held.privilege_type, another,
                case when held.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(held.grantee)) end,
                case when held.is_grantable then ' with grant option' end
            )
        from pg_class as rights
        cross join lateral aclexplode(rights.relacl) as held
        where rights.oid in (leaf, another) and held.grantee <> rights.relowner
        order by rights.oid = leaf
    loop
        execute statement;
    end loop;
end
$$;

-- Writes a relation anew without its doomed rows, and puts it in the old one's place; returns the rows left behind.
-- Only for relations that nobody else writes to; null where something hangs on it (governance.is_alone).
create or replace function governance.rewrite_without_doomed(
    planned text, leaf regclass, of_relation text, under_digest text, not_held text
) returns bigint language plpgsql as $$
declare
    home text;
    name text;
    owner text;
    options text;
    another text;
    index record;
    renames text [] := '{}';
    rename text;
    held bigint;
    before bigint;
    gone bigint;
    named bigint;
begin
    if not governance.is_alone(leaf) then
        return null;
    end if;
    select
        nspname, relname, pg_get_userbyid(relowner),
        coalesce('with (' || array_to_string(reloptions, ', ') || ')', '')
    into home, name, owner, options
    from pg_class inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid where pg_class.oid = leaf;
    another := format('%I.rewritten__%s', home, leaf::oid);
    execute format('lock table %s in share mode', leaf);
    -- once, so that all of the rewrite sees the same holds
    execute format('delete from %s as doomed where not (%s)', planned, not_held);
    get diagnostics held = row_count;
    -- how many places there are: taken for a few, all of the table would be hashed in place of the planned rows
    execute format('analyze %s (row_id, row_version, redacted_columns)', planned);
    execute format('create table %s (like %s including all excluding indexes) %s', another, leaf, options);
    execute format(
        'insert into %1$s select kept.* from %2$s as kept where not exists (select 1 from %3$s as doomed'
        ' where doomed.row_id = kept.ctid and doomed.row_version = kept.xmin and doomed.redacted_columns is null)',
        another, leaf, planned
    );
    get diagnostics gone = row_count;
    execute format('select count(*) from %s', leaf) into before;
    gone := before - gone;
    -- After the rows: an index that grows with them in no order takes several times as long.
    perform set_config('maintenance_work_mem', '256MB', true);
    for index in select * from governance.index_statements(leaf, another::regclass) loop
        execute index.statement;
        renames := renames || format('alter index %I.%I rename to %I', home, index.temporary_name, index.name);
    end loop;

    select coalesce(sum(planned_rows), 0) into named from pg_temp.purge_groups
    where relation_id = leaf::oid and redacted_columns is null and not is_whole;
    if held = 0 and gone = named then
        -- where every planned row went, the plan itself says what went (as in governance.purge_step)
        insert into pg_temp.purged_rows
        select reason, subject_token, request_id, null, planned_rows from pg_temp.purge_groups
        where relation_id = leaf::oid and redacted_columns is null and not is_whole;
    else
        execute format(
            'insert into pg_temp.purged_rows'
            ' select doomed.reason, tombstone.subject_token, tombstone.request_id, null, count(*)'
            ' from %1$s as doomed inner join %2$s as kept on kept.ctid = doomed.row_id and kept.xmin = doomed.row_version'
            ' left join governance.tombstones as tombstone on doomed.tombstone_id = tombstone.tombstone_id'
            ' where doomed.redacted_columns is null group by 1, 2, 3', planned, leaf
        );
        select coalesce(sum(purged_rows), 0) into named from pg_temp.purged_rows;
        if gone <> named then
            raise exception '% would lose % rows and its receipts name %', leaf, gone, named;
        end if;
    end if;
    execute format('alter table %s owner to %I', another, owner);
    execute format('comment on table %s is %L', another, obj_description(leaf, 'pg_class'));
    perform governance.grant_alike(leaf, another::regclass);
    -- before the lock that keeps readers out: they would wait for every receipt
    call governance.enter_receipts(of_relation, under_digest);
    perform set_config('lock_timeout', '800ms', true);
    execute format('drop table %s', leaf);
    execute format('alter table %s rename to %I', another, name);
    foreach rename in array renames loop
        execute rename;
    end loop;
    return gone;
end
$$;
