-- What each role may do, said anew each night; the only place that grants to analyst, auditor and governance_job,
-- beside the `grants` and the owner that dbt_project.yml gives to what dbt makes. Adds what is missing and takes back what
-- PostgreSQL gives everybody by itself. A grant that a person made stays: violation_grant_wider_than_policy names it,
-- with the statement that ends it, and the night is refused until somebody decides.

-- PostgreSQL lets everybody call a new function. Those of the ledger are for the ledger.
revoke execute on all routines in schema governance, audit, research, research_candidate, research_previous from public;

-- Until version 15, and in databases upgraded since, everybody may create in public: a function there that is named
-- like one of ours runs in place of it for whoever has public in front on the search_path. And everybody may make
-- temporary tables and functions, where an analyst could keep a release that was taken back. A database that the
-- nights' login does not own keeps both; the violation then says so.
do $$
begin
    if exists (
        select 1 from pg_namespace
        where
            nspname = 'public'
            and pg_has_role(nspowner, 'USAGE')
            and exists (
                select 1 from aclexplode(coalesce(nspacl, acldefault('n', nspowner)))
                where grantee = 0 and privilege_type = 'CREATE'
            )
    ) then
        revoke create on schema public from public;
    end if;
    if exists (
        select 1 from pg_database
        where
            datname = current_database()
            and pg_has_role(datdba, 'USAGE')
            and exists (
                select 1 from aclexplode(coalesce(datacl, acldefault('d', datdba)))
                where grantee = 0 and privilege_type = 'TEMPORARY'
            )
    ) then
        execute format('grant temporary on database %I to governance_job', current_database());
        execute format('revoke temporary on database %I from public', current_database());
    end if;
end
$$;

-- No reader while a restored backup is being held to the tombstones: the release may hold somebody who was deleted.
do $$
declare
    is_restored boolean := false;
begin
    if to_regclass('governance.restore_checks') is not null then
        execute 'select exists (select 1 from governance.restore_checks where closed_at is null)' into is_restored;
    end if;
    if is_restored then
        revoke usage on schema research from analyst;
    else
        grant usage on schema research to analyst;
    end if;
end
$$;

grant usage on schema audit, governance to auditor;
grant select on audit.validation_results to auditor;
grant select on governance.nights, governance.deletion_requests, governance.request_exceptions,
    governance.honoured_exceptions, governance.request_identifiers, governance.reviews, governance.tombstones, governance.held_identifiers,
    governance.purge_plans, governance.purge_orders, governance.purge_troubles, governance.purge_receipts,
    governance.ledger_copies, governance.restore_checks, governance.rewrites, governance.releases,
    governance.release_measures, governance.key_periods,
    governance.column_tags, governance.column_uses, governance.former_column_uses,
    governance.column_uses_as_of, governance.column_edges, governance.notice_differences,
    governance.privileges to auditor;
-- to recompute the ledger's chain without trusting the report
grant execute on function governance.receipt_digest(governance.purge_receipts) to auditor;
-- to count the release anew without reading a row of it
grant execute on function governance.released_rows(text), governance.released_classes(text, text []) to auditor;
