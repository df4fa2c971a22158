"""A purge whose backend is killed at every statement boundary, and run again, ends as an undisturbed one."""

from __future__ import annotations

import pytest

from lib.purges import tiny_purge
from privacy_governance.errors import GovernanceError

RELATIONS = ("raw.pages", "raw.tracks")
LIMITS = {"batch_rows": 10}

# Made anew for each kill, unseen by the traps: a copy of a database a kill would take minutes.
TABLES = """
set session_replication_role = replica;
truncate governance.purge_receipts, governance.purge_plans, governance.purge_troubles;
drop table if exists raw.tracks, raw.pages, intermediate.int_tracks__doomed, intermediate.int_pages__doomed;
create table raw.pages (user_id text, note text) partition by list (user_id);
create table raw.pages_one partition of raw.pages for values in ('person 1');
create table raw.pages_others partition of raw.pages default;
create table raw.tracks (user_id text, note text);
insert into raw.tracks select 'person ' || person, 'note ' || row
from generate_series(1, 10) as person, generate_series(1, 4) as row order by row, person;
insert into raw.pages select * from raw.tracks;
analyze raw.tracks;
analyze raw.pages;
"""
TRAP = """
create trigger {when}_boundary {when} insert or update or delete on {table}
for each statement execute function public.at_statement()
"""
# Every statement on a table of the purge, its start and its end, and every definition of a table passes here. A
# sequence counts, because it does not go back with the transaction that is killed.
BOUNDARIES = """
create sequence public.passed;
create table public.fatal (boundary bigint);
insert into public.fatal values (0);
create function public.pass_boundary() returns void language plpgsql as $$
begin
    if nextval('public.passed') = (select boundary from public.fatal) then
        perform pg_terminate_backend(pg_backend_pid());
        perform pg_sleep(1);
    end if;
end $$;
create function public.at_statement() returns trigger language plpgsql as $$
begin perform public.pass_boundary(); return null; end $$;
create function public.at_definition() returns event_trigger language plpgsql as $$
begin perform public.pass_boundary(); end $$;
"""
EVENTS = "create event trigger {when} on {when} execute function public.at_definition()"
END = """
select
    (select array_agg(t::text order by t::text) from raw.tracks as t),
    (select array_agg(p::text order by p::text) from raw.pages as p),
    (select array_agg(r order by r) from (
        select relation || subject_token || coalesce(redacted_columns::text, '') || sum(purged_rows) || plan_digest as r
        from governance.purge_receipts group by relation, subject_token, redacted_columns, plan_digest
    ) as receipts),
    (select array_agg(relation || plan_digest || planned_rows order by relation) from governance.purge_plans),
    (select count(*) from pg_class where relname like '%doomed%' and relnamespace = 'intermediate'::regnamespace)
"""


@pytest.fixture
def purge(warehouse):
    """Something to purge, and a trap at every boundary: rows in batches and a redaction, and a partition to drop."""
    purge = tiny_purge(warehouse, relations=RELATIONS, limits=LIMITS)
    purge.execute(BOUNDARIES)
    purge.execute(
        "insert into public.doomed select 'person ' || person, case when person = 5 then array['note'] end"
        " from generate_series(1, 5) as person"
    )
    for when in ("before", "after"):
        for table in ("governance.purge_receipts", "governance.purge_plans"):
            purge.execute(TRAP.format(when=when, table=table))
    for when in ("ddl_command_start", "ddl_command_end"):
        purge.execute(EVENTS.format(when=when))
    return purge


def arrange(purge, fatal):
    """Undo the last purge; kill the next one at the boundary `fatal`, counted from 1."""
    traps = [
        TRAP.format(when=when, table=table)
        for when in ("before", "after")
        for table in ("raw.tracks", "raw.pages_others")
    ]
    purge.execute(";".join([TABLES, *traps, f"update public.fatal set boundary = {fatal}"]))
    purge.execute("select setval('public.passed', 1, false)")


def end_of(purge):
    return purge.execute(END)[0]


def test_a_purge_killed_at_any_boundary_and_run_again_ends_as_an_undisturbed_one(purge):
    arrange(purge, 0)
    purge.purge()
    undisturbed = end_of(purge)
    boundaries = purge.execute("select last_value from public.passed")[0][0]
    assert len(undisturbed[2]) == 10
    assert undisturbed[-1] == 0
    assert boundaries > 20
    for boundary in range(1, boundaries + 1):
        arrange(purge, boundary)
        with pytest.raises(GovernanceError):
            purge.purge()
        purge.purge()
        assert end_of(purge) == undisturbed, f"killed at boundary {boundary} of {boundaries}"
