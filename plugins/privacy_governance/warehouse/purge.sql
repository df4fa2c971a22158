-- How a planned purge is carried out. Read by bootstrap, safe to run again.
-- A planned table (one a purge model) holds a row a doomed row: relation_id, row_id, row_version, owner_kind, owner,
-- tombstone_id, reason, redacted_columns, planned_rows (1, or all of a partition, then without a row_id: see
-- partitions.sql), held_digest, batch (0: all are one). There may be millions: a tombstone is named by its number, and
-- looked up once a receipt. Beside it, of its name and `_groups`, how many of them there are by what a receipt names.
-- dbt's materialization `purge` calls carry_out_purge.

-- Why a purge of tonight stopped, in our own words: dbt's message may quote a row, and is withheld.
create table if not exists governance.purge_troubles (
    night date not null,
    relation text not null,
    trouble text not null,
    noted_at timestamptz not null default clock_timestamp()
);

-- A night reads its own receipts, at the end of a ledger that grows for years.
create index if not exists purge_receipts_of_night on governance.purge_receipts using brin (night);

-- The chain's next digest, as governance.receipt_digest makes it; a fold, because a function call a receipt and a look
-- at the newest one took 0.13 ms each.
create or replace function governance.chained(previous text, entry text, newest text) returns text
language plpgsql immutable as $$
begin
    return encode(sha256(convert_to(entry || coalesce(previous, newest) || '"]', 'UTF8')), 'hex');
end
$$;

create or replace aggregate governance.chain(entry text, newest text) (
    sfunc = governance.chained, stype = text
);

-- Enters what pg_temp.purged_rows counted, in this transaction, and empties it; nothing where it is empty.
create or replace procedure governance.enter_receipts(of_relation text, under_digest text)
language plpgsql as $$
declare
    moment timestamptz;
    newest_id bigint;
    newest_digest text;
    -- what is the same in each receipt, as jsonb_build_array writes it: to build one a receipt took five times as long
    same_before text;
    same_after text;
begin
    if not exists (select from pg_temp.purged_rows) then
        return;
    end if;
    -- all that can be done before the lock, for which the other relation that is purged at the same time may wait. By the
    -- token first: what is sorted by it is told apart by its first letters.
    create temporary table numbered_receipts as
    select
        row_number() over (
            order by counted.subject_token collate "C", counted.reason, counted.request_id collate "C",
            counted.redacted_columns
        ) as place,
        counted.*,
        counted.reason || '", '
        || coalesce('"' || counted.subject_token || '"', 'null') || ', '
        || coalesce(to_jsonb(counted.request_id)::text, 'null') || ', '
        || coalesce(to_jsonb(counted.redacted_columns)::text, 'null') || ', ' || counted.purged_rows as entry
    from pg_temp.purged_rows as counted;
    -- the other may have many receipts to enter, too: no lock of a stranger's
    perform set_config('lock_timeout', '10min', true);
    perform pg_advisory_xact_lock(hashtext('governance.purge_receipts'));
    select receipt_id, digest into newest_id, newest_digest
    from governance.purge_receipts order by receipt_id desc limit 1;
    newest_id := coalesce(newest_id, 0);
    newest_digest := coalesce(newest_digest, repeat('0', 64));
    moment := clock_timestamp();
    same_before := ', ' || to_jsonb(current_setting('governance.night')::date)::text || ', '
        || to_jsonb(of_relation)::text || ', "';
    same_after := ', ' || coalesce(to_jsonb(under_digest)::text, 'null') || ', '
        || to_jsonb(extract(epoch from moment))::text || ', "';
    insert into governance.purge_receipts (
        receipt_id, night, relation, reason, subject_token, request_id, redacted_columns, purged_rows, plan_digest,
        purged_at, previous_digest, digest
    )
    select
        newest_id + place, current_setting('governance.night')::date, of_relation, reason, subject_token, request_id,
        redacted_columns, purged_rows, under_digest, moment, lag(digest, 1, newest_digest) over (order by place), digest
    from (
        select
            *,
            governance.chain('[' || newest_id + place || same_before || entry || same_after, newest_digest)
                over (order by place rows unbounded preceding) as digest
        from pg_temp.numbered_receipts
    ) as chained;
    drop table pg_temp.numbered_receipts;
    delete from pg_temp.purged_rows;
    -- the trigger of the chain keeps its newest receipt so, and must not miss these
    select concat_ws(' ', pg_current_xact_id(), receipt_id, digest) into newest_digest
    from governance.purge_receipts order by receipt_id desc limit 1;
    perform set_config('governance.chain_head', newest_digest, true);
end
$$;

create or replace function governance.purge_limit(of_relation regclass, share double precision, any_rows bigint)
returns bigint language sql stable as $$
    -- rows that one night may purge of a relation: its share of them, `any_rows` whatever their share
    select greatest(any_rows, floor(share * coalesce(sum(greatest(leaf.reltuples, 0)), 0))::bigint)
    from pg_class as leaf
    where
        leaf.relkind <> 'p'
        and (leaf.oid = of_relation or leaf.oid in (select relid from pg_partition_tree(of_relation)))
$$;

-- Carries out a planned table and drops it. Each batch is one transaction with its receipts; call it outside of one.
-- `replacements`: what redaction puts into a column in place of null.
create or replace procedure governance.carry_out_purge(
    planned text, of_relation text, replacements jsonb, batch_rows bigint, pause_share double precision,
    share double precision, any_rows bigint
)
language plpgsql as $$
declare
    tonight constant date := current_setting('governance.night')::date;
    -- 'purge plan <digest> of <night> after <rows that tonight had purged of the relation under it>'
    mark constant text [] := regexp_match(
        obj_description(to_regclass(planned), 'pg_class'), '^purge plan (\S+) of \S+ after (\d+)$'
    );
    has_plan constant boolean := mark is not null;
    under_digest constant text := mark[1];
    before constant bigint := coalesce(mark[2]::bigint, 0);
    -- rows that no hold keeps now, whatever the plan says: asked in each statement, so that a hold in mid-purge wins. Each
    -- set is found once and hashed; an anti join with what the planner takes for a row was run for each of a million.
    not_held constant text := '(doomed.owner is null or (doomed.owner_kind, doomed.owner) not in'
        ' (select held.identifier_kind, held.identifier from intermediate.int_identifiers__held as held))'
        ' and (doomed.tombstone_id is null or doomed.tombstone_id not in'
        ' (select held.tombstone_id from governance.held_tombstones() as held))';
    way text;
    batches integer := 1;
    by_batch text := planned;
    step record;
    expected bigint;
    unheld bigint;
    gone bigint := 0;
    done bigint;
    started timestamptz;
    trouble text;
begin
    -- of the session, as each batch ends its transaction: subjects are counted in memory
    perform set_config('work_mem', '64MB', false);
    execute format('select coalesce(sum(planned_rows), 0)::bigint from %s', governance.groups_of(planned)) into expected;
    -- without, the planner takes a million planned rows for a handful
    if expected > 1000 then
        execute format('analyze %s (relation_id, row_version, redacted_columns)', planned);
    end if;
    if expected > 0 and not has_plan and expected > governance.purge_limit(to_regclass(of_relation), share, any_rows) then
        raise exception '% rows of % are doomed, over its limit. Run govern nightly --dry-run to see the plan.',
            expected, of_relation;
    end if;
    select min(strategy) into way from governance.purge_plans
    where night = tonight and relation = of_relation and plan_digest = under_digest;

    if coalesce(way, 'delete in batches') = 'delete in batches' then
        batches := greatest(1, ceil(expected::numeric / batch_rows));
    end if;
    if batches > 1 then
        perform governance.batch_planned(planned, batches);
        by_batch := 'pg_temp.planned_batches';
    end if;
    perform governance.group_batches(planned, batches);

    for step in
        select
            relation_id::regclass as leaf, redacted_columns is not null as is_redaction, batch, is_whole,
            sum(planned_rows)::bigint as rows
        from pg_temp.purge_groups group by 1, 2, 3, 4
        order by is_whole, relation_id::regclass::oid, is_redaction, batch
    loop
        started := clock_timestamp();
        perform set_config('lock_timeout', '2s', true);
        create temporary table if not exists purged_rows (
            reason text, subject_token text, request_id text, redacted_columns text [], purged_rows bigint
        );
        trouble := null;
        done := null;
        begin
            if step.is_whole then
                done := governance.drop_past_partition(planned, step.leaf, step.rows, of_relation, under_digest);
            elsif way = 'drop partition' and not step.is_redaction then
                done := governance.drop_doomed_partition(planned, step.leaf, of_relation, under_digest, not_held);
            elsif way = 'rewrite and swap' and not step.is_redaction then
                done := governance.rewrite_without_doomed(planned, step.leaf, of_relation, under_digest, not_held);
            end if;
            if done is null then
                done := governance.purge_step(
                    by_batch, step.leaf, step.is_redaction, step.batch, step.rows, replacements, not_held
                );
            end if;
            call governance.enter_receipts(of_relation, under_digest);
            gone := gone + done;
        exception when lock_not_available or deadlock_detected then
            trouble := of_relation || ' is locked by another session: nothing of it was lost, what was purged of it '
                || 'stays purged. Let the other session end, then run the night again.';
        end;
        if trouble is not null then
            insert into governance.purge_troubles (night, relation, trouble) values (tonight, of_relation, trouble);
            commit;
            raise exception '%', trouble using errcode = 'lock_not_available';
        end if;
        commit;
        if pause_share > 0 and expected > batch_rows then
            perform pg_sleep(pause_share * extract(epoch from clock_timestamp() - started));
        end if;
    end loop;

    if gone <> expected then
        execute format('select coalesce(sum(planned_rows), 0)::bigint from %s as doomed where %s', planned, not_held)
        into unheld;
        -- a killed run of this very table may have purged some of it: those that have a receipt since it was planned
        select greatest(gone, coalesce(sum(purged_rows), 0) - before) into done from governance.purge_receipts
        where night = tonight and relation = of_relation and plan_digest = under_digest;
        if unheld > done then
            execute format('drop table %s, %s', governance.groups_of(planned), planned);
            trouble := (unheld - done) || ' row(s) of ' || of_relation || ' changed or moved after they were planned, '
                || 'and were left as they are. Run the night again: it plans anew.';
            insert into governance.purge_troubles (night, relation, trouble) values (tonight, of_relation, trouble);
            commit;
            raise exception '%', trouble;
        end if;
    end if;
    -- a server that dies now finds a planned table whose rows are gone, and the next plan replaces it
    perform set_config('synchronous_commit', 'off', true);
    execute format('drop table %s, %s', governance.groups_of(planned), planned);
    drop table if exists pg_temp.purged_rows, pg_temp.purge_groups, pg_temp.planned_batches;
    commit;
end
$$;

-- Tombstones of identifiers that a hold keeps now.
create or replace function governance.held_tombstones() returns table (tombstone_id bigint)
language plpgsql stable as $$
begin
    return query
    select tombstone.tombstone_id
    from intermediate.int_identifiers__held as held
    inner join intermediate.int_identifiers__tokenized as known
        on held.identifier_kind = known.identifier_kind and held.identifier = known.identifier
    inner join governance.tombstones as tombstone on known.ledger_token = tombstone.identifier_token;
end
$$;

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

-- What an UPDATE sets, where each row of `sets` names the columns that some of the rows lose: `name = value`, where all of
-- them lose it. A name with " (generalized)" brings an expression over the row, the others a value.
create or replace function governance.redaction_of(sets jsonb, replacements jsonb) returns text
language sql immutable as $$
    select string_agg(
        case
            when is_of_all then format('%I = %s', target, value)
            else format('%I = case %s else kept.%I end', target, choices, target)
        end,
        ', ' order by target
    )
    from (
        select
            target,
            min(value) as value,
            string_agg(format('when %L = any(doomed.redacted_columns) then %s', name, value), ' ' order by name) as choices,
            count(*) = 1 and min(named_by) = jsonb_array_length(sets) as is_of_all
        from (
            select
                name,
                regexp_replace(name, ' \(generalized\)$', '') as target,
                case
                    when name like '% (generalized)' then replacements ->> name
                    else coalesce(quote_literal(replacements ->> name), 'null')
                end as value,
                count(*) as named_by
            from jsonb_array_elements(sets) as columns
            cross join jsonb_array_elements_text(columns) as name
            group by name
        ) as named
        group by target
    ) as emptied
$$;

-- Deletes or redacts the planned rows of one step, in one statement, counts them in pg_temp.purged_rows, and returns how
-- many.
create or replace function governance.purge_step(
    planned text, leaf regclass, is_redaction boolean, of_batch integer, expected bigint, replacements jsonb,
    not_held text
) returns bigint language plpgsql as $$
declare
    sets constant jsonb := (
        select jsonb_agg(distinct redacted_columns) from pg_temp.purge_groups
        where
            relation_id = leaf::oid and (redacted_columns is not null) = is_redaction and batch = of_batch
            and not is_whole
    );
    change constant text := case
        when is_redaction
            then format('update only %s as kept set %s', leaf, governance.redaction_of(sets, replacements))
        else format('delete from only %s as kept', leaf)
    end;
    of_step constant text := 'doomed.relation_id = $1 and (doomed.redacted_columns is not null) = $2'
        ' and doomed.batch = $3 and doomed.row_id is not null';
    done bigint;
begin
    -- Row ids as one array are sorted and fetched page by page, which a join leaves to luck. Of two rows that lay in one
    -- place the later one has a version younger than the plan: it is in no row of it. Where every planned row goes, the
    -- plan itself says what went: to hand each row back costs a third as much again.
    begin
        if jsonb_array_length(sets) > 1 then
            raise exception using errcode = 'no_data_found';
        end if;
        execute format(
            '%1$s where kept.ctid = any(array(select doomed.row_id from %2$s as doomed where %3$s and %4$s))'
            ' and kept.xmin in (select distinct doomed.row_version from %2$s as doomed where %3$s)',
            change, planned, of_step, not_held
        ) using leaf::oid, is_redaction, of_batch;
        get diagnostics done = row_count;
        if done <> expected then
            raise exception using errcode = 'no_data_found';
        end if;
        insert into pg_temp.purged_rows
        select reason, subject_token, request_id, redacted_columns, planned_rows from pg_temp.purge_groups
        where
            relation_id = leaf::oid and (redacted_columns is not null) = is_redaction and batch = of_batch
            and not is_whole;
    exception when no_data_found then
        -- rows lose other columns than others, or not all of them go: each is asked which it is
        execute format(
            'with purged as (%1$s %2$s %3$s as doomed where %4$s and %5$s and kept.ctid = doomed.row_id'
            ' and kept.xmin = doomed.row_version'
            ' and kept.ctid = any(array(select doomed.row_id from %3$s as doomed where %4$s))'
            ' returning doomed.reason, doomed.tombstone_id, doomed.redacted_columns)'
            ' insert into pg_temp.purged_rows select purged.reason, tombstone.subject_token, tombstone.request_id,'
            ' purged.redacted_columns, count(*) from purged left join governance.tombstones as tombstone'
            ' on purged.tombstone_id = tombstone.tombstone_id group by 1, 2, 3, 4',
            change, case when is_redaction then 'from' else 'using' end, planned, of_step, not_held
        ) using leaf::oid, is_redaction, of_batch;
        select coalesce(sum(purged_rows), 0) into done from pg_temp.purged_rows;
    end;
    return done;
end
$$;

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

-- The plan that a person ordered for a night (govern nightly --plan-digest): that one is carried out, or none.
create table if not exists governance.purge_orders (
    night date primary key,
    plan_digest text not null check (plan_digest ~ '^[0-9a-f]{64}$'),
    ordered_at timestamptz not null default now()
);
