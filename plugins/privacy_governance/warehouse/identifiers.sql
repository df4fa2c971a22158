-- What tells which identifiers lose their last row tonight. Read by bootstrap after purge.sql, safe to run again.

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

-- All identifiers, where rows have. A function, because the planner would reckon with all of them each night.
create or replace function governance.unasked_identifiers() returns table (identifier_kind text, identifier text)
language plpgsql stable as $$
begin
    if not governance.are_identifiers_known() then
        return query select known.identifier_kind, known.identifier from intermediate.int_identifiers__tokenized as known;
    end if;
end
$$;

-- The rows that a planned table names by their place; none where there is no such table.
create or replace function governance.planned_rows(planned text)
returns table (relation_id oid, row_id tid, row_version xid, redacted_columns text [])
language plpgsql stable as $$
begin
    if to_regclass(planned) is not null then
        return query execute format(
            'select relation_id, row_id, row_version, redacted_columns from %s where row_id is not null', planned
        );
    end if;
end
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
