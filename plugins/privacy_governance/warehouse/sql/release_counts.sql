-- What an auditor may count of the release without a right to read it: numbers of rows, and of classes by their size.
-- They run with their owner's rights (governance_job), look nothing up by search_path, and quote every name given.
create or replace function governance.released_rows(table_name text) returns bigint
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
    counted bigint;
begin
    execute format('select count(*) from research.%I', table_name) into counted;
    return counted;
end
$$;

-- A class is the subjects who share the values of these columns: how many classes have how many subjects.
create or replace function governance.released_classes(
    table_name text, quasi_identifiers text [], out subjects bigint, out classes bigint
) returns setof record
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
    return query execute format(
        'select class.subjects, count(*) from ('
        'select count(distinct subject_token) as subjects from research.%I group by %s'
        ') as class group by class.subjects',
        table_name,
        (select string_agg(quote_ident(name), ', ') from unnest(quasi_identifiers) as name)
    );
end
$$;
