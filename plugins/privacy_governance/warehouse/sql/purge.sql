-- How a planned purge is carried out.
-- A planned table (one a purge model) holds a row a doomed row: relation_id, row_id, row_version, owner_kind, owner,
-- tombstone_id, reason, redacted_columns, planned_rows (1, or all of a partition, then without a row_id: see
-- partitions.sql), held_digest, batch (0: all are one). There may be millions: a tombstone is named by its number, and
-- looked up once a receipt. Beside it, of its name and `_groups`, how many of them there are by what a receipt names.
-- dbt's materialization `purge` calls carry_out_purge.

-- What a night is about to purge, and how; written before the first row goes.
create table if not exists governance.purge_plans (
    night date not null,
    plan_digest text not null check (length(plan_digest) = 64 and encode(decode(plan_digest, 'hex'), 'hex') = plan_digest),
    relation text not null,
    reason text not null check (reason in ('tombstone', 'retention', 'withdrawal')),
    planned_rows bigint not null check (planned_rows >= 0),
    subjects bigint not null check (subjects >= 0),
    table_rows bigint not null,
    table_bytes bigint not null,
    strategy text not null check (strategy in ('delete', 'delete in batches', 'rewrite and swap', 'drop partition')),
    strategy_reason text not null,
    estimated_seconds double precision not null,
    planned_at timestamptz not null default now(),
    primary key (night, plan_digest, relation, reason)
);

-- The plan that a person ordered for a night (govern nightly --plan-digest): that one is carried out, or none.
create table if not exists governance.purge_orders (
    night date primary key,
    plan_digest text not null check (plan_digest ~ '^[0-9a-f]{64}$'),
    ordered_at timestamptz not null default now()
);

-- Why a purge of tonight stopped, in our own words: dbt's message may quote a row, and is withheld.
create table if not exists governance.purge_troubles (
    night date not null,
    relation text not null,
    trouble text not null,
    noted_at timestamptz not null default clock_timestamp()
);

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
    home text;
    referring text;
    constraining text;
    required text;
    of_type text;
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
        when sqlstate 'PG001' then
            trouble := sqlerrm;
        when integrity_constraint_violation then
            get stacked diagnostics
                home = schema_name, referring = table_name, constraining = constraint_name,
                required = column_name, of_type = pg_datatype_name;
            if step.is_redaction then
                trouble := format(
                    '%s keeps doomed rows: %s%s refuses what redaction puts into their columns. Give the column a '
                    'config.meta.redacted_as in its sources YAML that is allowed there, keep it by the exception too, or '
                    'ease the constraint.',
                    of_relation,
                    coalesce(
                        'constraint ' || nullif(constraining, ''), 'NOT NULL of ' || nullif(required, ''), 'NOT NULL'
                    ),
                    ' of ' || nullif(concat_ws('.', nullif(home, ''), coalesce(nullif(referring, ''), of_type)), '')
                );
            elsif sqlstate in ('23503', '23001') then
                trouble := format(
                    '%s keeps doomed rows to which rows of %s.%s refer that do not go. Where they belong to them, declare '
                    'reached_through in its sources YAML, so that they go first; else let its foreign key set null.',
                    of_relation, home, referring
                );
            else
                raise;
            end if;
        end;
        if trouble is not null then
            insert into governance.purge_troubles (night, relation, trouble) values (tonight, of_relation, trouble);
            commit;
            raise exception '%', trouble;
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
                || 'and were left as they are. Run the night again: it plans anew.'
                || coalesce(
                    ' Where they stay each night, a trigger keeps them ('
                    || governance.intervening_triggers(to_regclass(of_relation), 8 | 16) || '): let it pass the purge.',
                    ''
                );
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

-- Whether what an UPDATE by governance.redaction_of left in the row `kept` is what it sets, as an expression.
create or replace function governance.is_redacted(sets jsonb, replacements jsonb) returns text
language sql immutable as $$
    select string_agg(
        distinct format(
            '(%L <> all(doomed.redacted_columns) or kept.%I is not distinct from %s)',
            name,
            regexp_replace(name, ' \(generalized\)$', ''),
            case
                when name like '% (generalized)' then replacements ->> name
                else coalesce(quote_literal(replacements ->> name), 'null')
            end
        ),
        ' and '
    )
    from jsonb_array_elements(sets) as columns
    cross join jsonb_array_elements_text(columns) as name
$$;

-- Names the triggers that may keep a row from what a purge does to it, or change what that writes: those before each row
-- of a DELETE (events 8) or an UPDATE (16). Null where there are none.
create or replace function governance.intervening_triggers(relation regclass, events integer) returns text
language sql stable as $$
    select string_agg(distinct quote_ident(tgname), ', ')
    from pg_trigger
    where
        (tgrelid = relation or tgrelid in (select relid from pg_partition_tree(relation)))
        and not tgisinternal and tgenabled in ('O', 'A') and tgtype & 3 = 3 and tgtype & events > 0
$$;

-- Refuses a relation of which a rule makes something else of a purge: the rows it says are gone may be another relation's.
create or replace function governance.refuse_rules(leaf regclass, is_redaction boolean) returns void
language plpgsql as $$
declare
    rules constant text := (
        select string_agg(quote_ident(rulename), ', ' order by rulename) from pg_rewrite
        where ev_class = leaf and ev_enabled in ('O', 'A') and ev_type = case when is_redaction then '2' else '4' end
    );
begin
    if rules is not null then
        raise exception using
            errcode = 'PG001',
            message = format(
                '%s keeps doomed rows: its rule %s makes something else of %s. Drop the rule; a trigger can do its work.',
                leaf, rules, case when is_redaction then 'an UPDATE' else 'a DELETE' end
            );
    end if;
end
$$;

-- Refuses to delete planned rows where a foreign key would take others with them, which no receipt would name and which
-- a hold or an exception may keep. What is reached through these rows went before them.
create or replace function governance.refuse_cascade(planned text, leaf regclass, of_step text, of_batch integer)
returns void language plpgsql as $$
declare
    hanging record;
    has_others boolean;
begin
    for hanging in
        select
            reference.conrelid::regclass as relation,
            string_agg(format('hanging.%I = kept.%I', own.attname, other.attname), ' and ') as condition
        from pg_constraint as reference
        cross join lateral unnest(reference.conkey, reference.confkey) as pair (own_number, other_number)
        inner join pg_attribute as own on reference.conrelid = own.attrelid and pair.own_number = own.attnum
        inner join pg_attribute as other on reference.confrelid = other.attrelid and pair.other_number = other.attnum
        where reference.contype = 'f' and reference.confdeltype = 'c' and reference.confrelid = leaf
        group by reference.oid, reference.conrelid
    loop
        execute format(
            'select exists (select from %1$s as hanging inner join only %2$s as kept on %3$s'
            ' where kept.ctid = any(array(select doomed.row_id from %4$s as doomed where %5$s))'
            ' and kept.xmin in (select doomed.row_version from %4$s as doomed where %5$s)'
            ' and not exists (select from %4$s as doomed where doomed.relation_id = hanging.tableoid'
            ' and doomed.row_id = hanging.ctid and doomed.redacted_columns is null))',
            hanging.relation, leaf, hanging.condition, planned, of_step
        ) into has_others using leaf::oid, false, of_batch;
        if has_others then
            raise exception 'a foreign key would take rows of % with those that are doomed', hanging.relation
                using errcode = 'foreign_key_violation',
                    schema = (select relnamespace::regnamespace from pg_class where oid = hanging.relation),
                    table = (select relname from pg_class where oid = hanging.relation);
        end if;
    end loop;
end
$$;

-- Deletes or redacts the planned rows of one step, in one statement, counts them in pg_temp.purged_rows, and returns how
-- many.
create or replace function governance.purge_step(
    planned text, leaf regclass, is_redaction boolean, of_batch integer, expected bigint, replacements jsonb,
    not_held text
) returns bigint language plpgsql as $$
declare
    -- what is computed follows from the others
    sets constant jsonb := (
        select jsonb_agg(
            distinct array(
                select name from unnest(redacted_columns) as name
                where regexp_replace(name, ' \(generalized\)$', '') not in (
                    select column_name from governance.computed_columns where relation_id = leaf
                )
                order by name
            )
        )
        from pg_temp.purge_groups
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
    -- what a trigger makes of a redaction is looked at, row by row
    intervening constant text := case when is_redaction then governance.intervening_triggers(leaf, 16) end;
    done bigint;
    undone bigint := 0;
begin
    perform governance.refuse_rules(leaf, is_redaction);
    if not is_redaction then
        perform governance.refuse_cascade(planned, leaf, format('%s and %s', of_step, not_held), of_batch);
    end if;
    -- Row ids as one array are sorted and fetched page by page, which a join leaves to luck. Of two rows that lay in one
    -- place the later one has a version younger than the plan: it is in no row of it. Where every planned row goes, the
    -- plan itself says what went: to hand each row back costs a third as much again.
    begin
        if jsonb_array_length(sets) > 1 or intervening is not null then
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
            ' returning doomed.reason, doomed.tombstone_id, doomed.redacted_columns, %6$s as is_done),'
            ' entered as (insert into pg_temp.purged_rows select purged.reason, tombstone.subject_token,'
            ' tombstone.request_id, purged.redacted_columns, count(*) from purged left join governance.tombstones'
            ' as tombstone on purged.tombstone_id = tombstone.tombstone_id group by 1, 2, 3, 4)'
            ' select count(*), count(*) filter (where not is_done) from purged',
            change, case when is_redaction then 'from' else 'using' end, planned, of_step, not_held,
            case when intervening is null then 'true' else governance.is_redacted(sets, replacements) end
        ) into done, undone using leaf::oid, is_redaction, of_batch;
        if undone > 0 then
            raise exception using
                errcode = 'PG001',
                message = format(
                    '%s row(s) of %s would keep what their redaction empties: trigger %s puts it back. Let it pass the '
                    'redaction.',
                    undone, leaf, intervening
                );
        end if;
    end;
    return done;
end
$$;
