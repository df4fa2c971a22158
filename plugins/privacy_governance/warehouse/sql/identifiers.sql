-- What tells which identifiers lose their last row tonight.

-- Whether no row has gone since the tables of identifiers were last held to the rows (retention.remember): a night that
-- was killed in between took rows that nobody can ask any more. Before the first purge, none has.
create or replace function governance.are_identifiers_known() returns boolean
language sql stable as $$
    select coalesce(
        (
            select looked.loaded_until >= coalesce(
                (select purged_at from governance.purge_receipts order by receipt_id desc limit 1), '-infinity'
            )
            from governance.column_expiries as looked
            where looked.relation = 'intermediate.int_identifiers__tokenized'
        ),
        not exists (select from governance.purge_receipts)
    )
$$;

-- The leaves of the partitions that a planned table names as a whole.
create or replace function governance.planned_partitions(planned text) returns table (relation_id oid)
language plpgsql stable as $$
begin
    if to_regclass(planned) is not null then
        return query execute format(
            'select leaf.relid::oid from %s as doomed cross join lateral pg_partition_tree(doomed.relation_id) as leaf'
            ' where doomed.row_id is null',
            planned
        );
    end if;
end
$$;

-- Identifiers in what retention takes tonight of a relation: in its planned rows, those that lose `columns` only by these,
-- and in whole partitions. `named`: a VALUES list over the row `kept`, of kind, identifier and column.
create or replace function governance.expiring_identifiers(of_relation text, planned text, columns text [], named text)
returns table (identifier_kind text, identifier text)
language plpgsql stable as $$
declare
    part regclass;
begin
    if to_regclass(planned) is null or to_regclass(of_relation) is null then
        return;
    end if;
    return query execute format(
        'select distinct named.kind, named.identifier from %s as doomed'
        ' inner join %s as kept on kept.ctid = doomed.row_id and kept.tableoid = doomed.relation_id'
        ' cross join lateral (values %s) as named (kind, identifier, column_name)'
        ' where doomed.reason = ''retention'' and named.identifier is not null and ('
        ' doomed.redacted_columns is null'
        ' or (doomed.redacted_columns && $1 and named.column_name = any(doomed.redacted_columns)))',
        planned, of_relation, named
    ) using columns;
    for part in select relation_id from governance.planned_partitions(planned) loop
        return query execute format(
            'select distinct named.kind, named.identifier from %s as kept'
            ' cross join lateral (values %s) as named (kind, identifier, column_name)'
            ' where named.identifier is not null',
            part, named
        );
    end loop;
end
$$;

-- Whether retention takes a row or a partition tonight by one of these planned tables.
create or replace function governance.is_anything_expiring(tables jsonb) returns boolean
language plpgsql stable as $$
declare
    planned text;
    found_one boolean;
begin
    for planned in select each ->> 'planned' from jsonb_array_elements(tables) as each loop
        if to_regclass(planned) is not null then
            execute format('select exists (select from %s where reason = ''retention'')', planned) into found_one;
            if found_one then
                return true;
            end if;
        end if;
    end loop;
    return false;
end
$$;

-- Identifiers of these `kinds` that rows named which retention takes tonight, and that no other row names: all that are
-- known are asked for where a night before did not end. Who is held, has a request open or is tombstoned stays: the last
-- go another way. `tables`: [{relation, planned, columns: [{name, kind, stored, compared}]}], of which `stored` says how the
-- column of the row `kept` stands among the identifiers, and `compared` how it is looked up by index.
-- A statement a column, over a table that was analyzed: as one statement, the planner took a million identifiers for one.
-- Three purges ask, one after the other: the answer stays in the session, for as long as the planned tables are the same.
drop function if exists governance.unasked_identifiers();
drop function if exists governance.planned_rows(text);
create or replace function governance.unnamed_identifiers(kinds text [], tables jsonb)
returns table (identifier_kind text, identifier text, identifier_id uuid)
language plpgsql as $$
#variable_conflict use_column
declare
    asked constant text := (
        select md5(tables::text || string_agg(coalesce(to_regclass(one ->> 'planned')::oid::text, '-'), ' ' order by place))
        from jsonb_array_elements(tables) with ordinality as listed (one, place)
    );
    each jsonb;
    in_column jsonb;
begin
    if governance.are_identifiers_known() and not governance.is_anything_expiring(tables) then
        return;
    end if;
    if obj_description(to_regclass('pg_temp.expiring'), 'pg_class') = asked then
        return query select distinct known.identifier_kind, known.identifier, known.identifier_id
        from pg_temp.expiring as known where known.identifier_kind = any(kinds);
        return;
    end if;
    drop table if exists pg_temp.expiring;
    create temporary table expiring (identifier_kind text, identifier text, identifier_id uuid, ledger_token text);
    if governance.are_identifiers_known() then
        for each in select * from jsonb_array_elements(tables) loop
            insert into pg_temp.expiring
            select known.identifier_kind, known.identifier, known.identifier_id, known.ledger_token
            from governance.expiring_identifiers(
                each ->> 'relation', each ->> 'planned',
                (select array_agg(one ->> 'name') from jsonb_array_elements(each -> 'columns') as one),
                (
                    select string_agg(format('(%L, %s, %L)', one ->> 'kind', one ->> 'stored', one ->> 'name'), ', ')
                    from jsonb_array_elements(each -> 'columns') as one
                )
            ) as named
            inner join intermediate.int_identifiers__tokenized as known
                on named.identifier_kind = known.identifier_kind and named.identifier = known.identifier;
        end loop;
    else
        insert into pg_temp.expiring
        select known.identifier_kind, known.identifier, known.identifier_id, known.ledger_token
        from intermediate.int_identifiers__tokenized as known;
    end if;
    analyze pg_temp.expiring;
    delete from pg_temp.expiring where exists (
        select from intermediate.int_identifiers__held as held
        where held.identifier_kind = expiring.identifier_kind and held.identifier = expiring.identifier
    );
    delete from pg_temp.expiring where exists (
        select from governance.tombstones as tombstone where tombstone.identifier_token = expiring.ledger_token
    );
    delete from pg_temp.expiring where exists (
        select from governance.request_identifiers as found
        inner join governance.deletion_requests as request on found.request_id = request.request_id
        where
            found.identifier_token = expiring.ledger_token
            and request.state in ('received', 'verified', 'in review', 'on hold', 'tombstoned')
    );
    for each in select * from jsonb_array_elements(tables) loop
        for in_column in select * from jsonb_array_elements(each -> 'columns') loop
            execute format(
                'delete from pg_temp.expiring where expiring.identifier_kind = %1$L and exists ('
                'select from %2$s as kept where expiring.identifier = %3$s',
                in_column ->> 'kind', each ->> 'relation', in_column ->> 'compared'
            ) || case when to_regclass(each ->> 'planned') is null then ')' else format(
                ' and kept.tableoid not in (select relation_id from governance.planned_partitions(%1$L))'
                ' and not exists (select from %1$s as doomed where doomed.relation_id = kept.tableoid'
                ' and doomed.row_id = kept.ctid and doomed.row_version = kept.xmin'
                ' and (doomed.redacted_columns is null or %2$L = any(doomed.redacted_columns))))',
                each ->> 'planned', in_column ->> 'name'
            ) end;
        end loop;
    end loop;
    execute format('comment on table pg_temp.expiring is %L', asked);
    return query select distinct known.identifier_kind, known.identifier, known.identifier_id
    from pg_temp.expiring as known where known.identifier_kind = any(kinds);
end
$$;
