"""A planned purge on tiny tables: strategies, redaction, holds, locks, changed rows, orders and limits."""

from __future__ import annotations

import pytest

from lib.purges import NIGHT, SESSION, tiny_purge
from privacy_governance import purging, reviews
from privacy_governance.errors import DeclarationError, StepError, WarehouseError

PARTITIONED = """
create table {relation} (user_id text, note text) partition by list (user_id);
create table {relation}_one partition of {relation} for values in ('person 1');
create table {relation}_others partition of {relation} default
"""

# a planned table, of a purge model's SELECT
PLANNED = "select *, 1 as planned_rows, 0 as batch from ({}) as doomed"
WATCH = """
create table public.readers_kept_out (relation regclass);
create function public.watch() returns trigger language plpgsql as $$
begin
    insert into public.readers_kept_out select relation from pg_locks
    where pid = pg_backend_pid() and mode = 'AccessExclusiveLock' and relation in (%s);
    return null;
end $$;
create trigger watch after insert on governance.purge_receipts for each statement execute function public.watch()
"""


def doom(purge, *people, columns=None):
    purge.execute(
        "insert into public.doomed select 'person ' || unnest(%s::int[]), %s::text[]", [list(people), columns]
    )


def watch(purge, *relations):
    """Note each of `relations` that readers can't read while receipts are entered."""
    purge.execute(WATCH % ", ".join(f"to_regclass('{relation}')" for relation in relations))


def left(purge, relation="raw.tracks"):
    return dict(purge.execute(f"select user_id, count(*)::int from {relation} group by 1"))


def test_rows_go_with_one_receipt_a_subject_under_the_plan_s_digest(warehouse):
    purge = tiny_purge(warehouse)
    doom(purge, 1, 2)
    planned = purge.plan()
    assert purge.execute("select count(*) from governance.purge_receipts") == [(0,)]
    assert purge.purge() == purging.Purged(rows=8, relations=1, subjects=2)
    assert left(purge).keys() == {f"person {person}" for person in range(3, 11)}
    assert [(rows, columns) for _, _, columns, rows in purge.receipts()] == [(4, None), (4, None)]
    assert purge.execute("select distinct plan_digest from governance.purge_receipts") == [(planned.digest,)]
    assert purge.execute("select planned_rows, subjects, strategy from governance.purge_plans") == [(8, 2, "delete")]


def test_receipts_of_a_purge_are_chained_as_any_other(warehouse):
    purge = tiny_purge(warehouse)
    doom(purge, 1, 2, 3)
    purge.purge()
    broken = purge.execute(
        "select count(*) filter (where digest <> governance.receipt_digest(r)), count(*),"
        " count(*) filter (where previous_digest is distinct from coalesce(before, repeat('0', 64)))"
        " from (select *, lag(digest) over (order by receipt_id) as before from governance.purge_receipts) as x"
        " join governance.purge_receipts as r using (receipt_id, digest, previous_digest)"
    )
    assert broken == [(0, 3, 0)]


def test_batches_hold_whole_subjects_and_leave_no_planned_table(warehouse):
    purge = tiny_purge(warehouse, limits={"batch_rows": 8})
    doom(purge, *range(1, 10))
    assert {each.choice.strategy for each in purge.plan().purges} == {"delete in batches"}
    assert purge.purge().rows == 36
    assert left(purge) == {"person 10": 4}
    receipts = purge.execute("select count(*), count(distinct purged_at) from governance.purge_receipts")[0]
    assert receipts[0] == 9
    assert 1 < receipts[1] <= 5
    assert purge.execute("select count(*) from pg_class where relname like '%%doomed%%' and relkind = 'r'") == [(1,)]


def test_a_partition_that_is_doomed_as_a_whole_is_dropped_and_others_only_lose_rows(warehouse):
    purge = tiny_purge(warehouse, ddl=PARTITIONED)
    purge.execute("analyze raw.tracks")
    doom(purge, 1, 2)
    assert {each.choice.strategy for each in purge.plan().purges} == {"drop partition"}
    watch(purge, "raw.tracks", "raw.tracks_one")
    assert purge.purge().rows == 8
    assert purge.execute("select * from public.readers_kept_out") == [], "readers would wait for the receipts"
    assert purge.execute("select to_regclass('raw.tracks_one')") == [(None,)]
    assert left(purge).keys() == {f"person {person}" for person in range(3, 11)}
    assert [rows for *_, rows in purge.receipts()] == [4, 4]


@pytest.mark.parametrize(
    "analyzed", ["", "truncate raw.tracks; analyze raw.tracks"], ids=["never analyzed", "analyzed while it was empty"]
)
def test_a_partition_that_has_grown_unseen_is_not_planned_to_be_dropped_for_a_few_rows(warehouse, analyzed):
    purge = tiny_purge(warehouse, ddl=PARTITIONED, limits={"batch_rows": 4})
    purge.execute(
        f"create table public.rows as select * from raw.tracks; {analyzed}; truncate raw.tracks;"
        " insert into raw.tracks select * from public.rows"
    )
    doom(purge, 2, 3)
    assert {each.choice.strategy for each in purge.plan().purges} == {"delete in batches"}
    assert purge.purge().rows == 8
    assert purge.execute("select to_regclass('raw.tracks_others') is not null") == [(True,)]


@pytest.mark.parametrize(
    "hanging",
    [
        "create view public.shown as select * from raw.tracks_one",
        "alter table raw.tracks add primary key (user_id);"
        " create table raw.likes (track text references raw.tracks on delete set null)",
        "create table public.kept_rows (one raw.tracks_one)",
    ],
    ids=["view", "foreign key", "rows of it in another"],
)
def test_a_partition_that_something_hangs_on_stays_and_loses_its_rows(warehouse, hanging):
    purge = tiny_purge(warehouse, ddl=PARTITIONED)
    purge.execute(f"delete from raw.tracks where note <> 'note 1'; {hanging}")
    purge.execute("analyze raw.tracks")
    doom(purge, 1)
    assert {each.choice.strategy for each in purge.plan().purges} == {"delete"}
    assert purge.purge().rows == 1
    assert purge.execute("select to_regclass('raw.tracks_one') is not null") == [(True,)]
    assert "person 1" not in left(purge)


def test_a_partition_with_a_row_younger_than_the_plan_is_not_dropped(warehouse):
    purge = tiny_purge(warehouse, ddl=PARTITIONED)
    purge.execute("analyze raw.tracks")
    doom(purge, 1)
    between(purge, "insert into raw.tracks values ('person 1', 'younger')")
    purge.purge()
    assert left(purge)["person 1"] == 1
    assert [rows for *_, rows in purge.receipts()] == [4]


def test_a_row_that_is_not_planned_does_not_make_up_for_one_that_went_in_between(warehouse):
    purge = tiny_purge(warehouse, ddl=PARTITIONED.replace("('person 1')", "('person 1', 'person 2')"))
    purge.execute("analyze raw.tracks")
    doom(purge, 1, *range(3, 11))
    between(purge, "delete from raw.tracks where user_id = 'person 1'")
    with pytest.raises(WarehouseError, match=r"4 row\(s\) of raw\.tracks changed"):
        purge.purge()
    assert left(purge) == {"person 2": 4}
    assert sum(rows for *_, rows in purge.receipts()) == 32


def test_a_rewrite_leaves_the_kept_rows_their_index_and_their_readers(warehouse, monkeypatch):
    monkeypatch.setattr("privacy_governance.purging.strategies.REWRITE_FROM_ROWS", 1)
    purge = tiny_purge(
        warehouse,
        relations=("research.tracks",),
        ddl="create table {relation} (user_id text, note text); create index on {relation} (user_id);"
        " grant select on {relation} to analyst; comment on table {relation} is 'what they did'",
    )
    doom(purge, *range(1, 7))
    assert {each.choice.strategy for each in purge.plan().purges} == {"rewrite and swap"}
    before = purge.execute("select 'research.tracks'::regclass::oid")
    watch(purge, "research.tracks")
    assert purge.purge().rows == 24
    assert purge.execute("select * from public.readers_kept_out") == [], "readers would wait for the receipts"
    assert purge.execute("select 'research.tracks'::regclass::oid") != before
    assert left(purge, "research.tracks").keys() == {f"person {person}" for person in range(7, 11)}
    assert purge.execute(
        "select has_table_privilege('analyst', 'research.tracks', 'select'), (select count(*)::int from pg_index"
        " where indrelid = 'research.tracks'::regclass), obj_description('research.tracks'::regclass)"
    ) == [(True, 1, "what they did")]


RESEARCH = "create table {relation} (user_id text, note text)"
LOOK = """
select
    obj_description('research.tracks'::regclass, 'pg_class'),
    array(select option from unnest(reloptions) as option order by 1),
    array(
        select format('%s %s %s', grantee, privilege_type, is_grantable) from information_schema.role_table_grants
        where table_schema = 'research' and table_name = 'tracks' and grantee <> grantor order by 1
    ),
    array(
        select pg_get_indexdef(indexrelid) from pg_index where indrelid = 'research.tracks'::regclass order by 1
    ),
    array(
        select format('%s %s', conname, pg_get_constraintdef(oid)) from pg_constraint
        where conrelid = 'research.tracks'::regclass and contype in ('u', 'c') order by 1
    )
from pg_class where oid = 'research.tracks'::regclass
"""


def test_a_rewrite_leaves_all_that_a_table_is_but_its_doomed_rows(warehouse, monkeypatch):
    monkeypatch.setattr("privacy_governance.purging.strategies.REWRITE_FROM_ROWS", 1)
    purge = tiny_purge(
        warehouse,
        relations=("research.tracks",),
        ddl="""
        create table {relation} (user_id text, note text check (note <> ''), unique (user_id, note))
        with (fillfactor = 70);
        create index "A using b" on {relation} using hash (note) where user_id <> 'nobody';
        create unique index by_note on {relation} (lower(note) desc, user_id) include (note);
        comment on table {relation} is 'what people did';
        grant select on {relation} to analyst with grant option
        """,
    )
    # rights that a new table of the schema would have, and this one has not
    purge.execute("alter default privileges in schema research grant insert on tables to public, analyst")
    before = purge.execute(LOOK)
    doom(purge, *range(1, 7))
    assert purge.purge().rows == 24
    assert purge.execute(LOOK) == before
    assert left(purge, "research.tracks").keys() == {f"person {person}" for person in range(7, 11)}


def test_a_rewrite_names_in_its_receipts_what_went_where_a_hold_keeps_some(warehouse, monkeypatch):
    monkeypatch.setattr("privacy_governance.purging.strategies.REWRITE_FROM_ROWS", 1)
    purge = tiny_purge(warehouse, relations=("research.tracks",), ddl=RESEARCH)
    doom(purge, *range(1, 7))
    between(purge, "insert into intermediate.int_identifiers__held values ('user_id', 'person 1')")
    assert purge.purge().rows == 20
    assert "person 1" in left(purge, "research.tracks")
    assert sum(rows for *_, rows in purge.receipts()) == 20


@pytest.mark.parametrize(
    "ddl",
    [
        "create table {relation} (user_id text, note text) partition by list (user_id);"
        " create table {relation}_all partition of {relation} default",
        RESEARCH + "; create table public.child () inherits ({relation})",
        RESEARCH + "; alter table {relation} enable row level security",
        RESEARCH + "; grant select (user_id) on {relation} to analyst",
        RESEARCH + "; alter table {relation} replica identity full;"
        " create publication told for table {relation}",
        "create table {relation} (user_id text, note text, id bigint generated always as identity)",
        "create table {relation} (user_id text, note text, id bigserial)",
        "create table {relation} (user_id text, note text, low text generated always as (lower(note)) stored)",
        "create unlogged table {relation} (user_id text, note text)",
        "create table {relation} (user_id text, note text);"
        " create function public.of(row_of {relation}) returns text language sql as 'select row_of.note'",
        RESEARCH + "; create function public.of_all() returns bigint begin atomic select count(*) from {relation}; end",
        RESEARCH + "; create table public.kept_rows (one {relation})",
        RESEARCH + "; create view public.shown as select * from {relation}",
        RESEARCH + "; create rule told as on insert to {relation} do also notify told",
    ],
    ids=[
        "partition", "parent", "policies", "grant on a column", "publication", "identity", "sequence",
        "generated column", "unlogged", "function", "function's body", "rows of it in another", "view", "rule",
    ],
)  # fmt: skip
def test_a_table_with_what_a_new_one_would_lack_loses_its_rows_and_stays_what_it_is(warehouse, monkeypatch, ddl):
    monkeypatch.setattr("privacy_governance.purging.strategies.REWRITE_FROM_ROWS", 1)
    purge = tiny_purge(warehouse, relations=("research.tracks",), ddl=ddl)
    doom(purge, *range(1, 7))
    before = purge.execute("select oid, relfilenode from pg_class where relname ~ '^tracks' and relkind = 'r'")
    assert {each.choice.strategy for each in purge.plan().purges} == {"delete"}
    assert purge.purge().rows == 24
    assert left(purge, "research.tracks").keys() == {f"person {person}" for person in range(7, 11)}
    assert purge.execute("select oid, relfilenode from pg_class where relname ~ '^tracks' and relkind = 'r'") == before


def test_a_row_that_an_exception_keeps_is_redacted_once_and_named_in_its_receipt(warehouse):
    purge = tiny_purge(warehouse)
    doom(purge, 1, columns=["note"])
    doom(purge, 2)
    assert purge.purge().rows == 8
    assert purge.execute("select distinct note from raw.tracks where user_id = 'person 1'") == [(None,)]
    assert sorted(str(columns) for _, _, columns, _ in purge.receipts()) == ["None", "['note']"]
    assert purge.plan().purges == ()


def test_a_column_that_may_not_be_null_is_redacted_as_declared_and_blocks_where_nothing_is(warehouse):
    ddl = "create table {relation} (user_id text, note text not null)"
    purge = tiny_purge(warehouse, ddl=ddl)
    doom(purge, 1, columns=["note"])
    with pytest.raises(DeclarationError, match=r"raw\.tracks and empties note, .*redacted_as"):
        purge.purge()
    declared = type(purge)(warehouse, redacted_as="it's gone")
    assert declared.purge().rows == 4
    assert purge.execute("select distinct note from raw.tracks where user_id = 'person 1'") == [("it's gone",)]


@pytest.mark.parametrize(
    ("ddl", "named"),
    [
        ("create table {relation} (user_id text, note text constraint filled check (note is not null))",
         r"constraint filled of raw\.tracks"),
        ("create table {relation} (user_id text, note text, constraint once unique nulls not distinct (user_id, note))",
         r"constraint once of raw\.tracks"),
        ("create domain public.filled as text not null; create table {relation} (user_id text, note public.filled)",
         r"NOT NULL of public\.filled"),
        ("create table {relation} (user_id text, note text,"
         " low text not null generated always as (lower(note)) stored)",
         r"NOT NULL of low of raw\.tracks"),
        ("create table public.known as select 'person ' || person as one, 'note ' || row as two"
         " from generate_series(1, 10) as person, generate_series(1, 4) as row;"
         " alter table public.known add primary key (one, two);"
         " create table {relation} (user_id text, note text,"
         " constraint known foreign key (user_id, note) references public.known match full)",
         r"constraint known of raw\.tracks"),
    ],
    ids=["check", "unique", "domain", "computed", "foreign key"],
)  # fmt: skip
def test_a_constraint_that_refuses_a_redaction_is_named_without_a_value(warehouse, ddl, named):
    purge = tiny_purge(warehouse, ddl=ddl)
    doom(purge, 1, columns=["note"])
    with pytest.raises(WarehouseError, match=rf"raw\.tracks keeps .*: {named} refuses .*redacted_as") as refused:
        purge.purge()
    assert "person 1" not in str(refused.value)
    assert purge.receipts() == []


COMPUTED = "create table {relation} (user_id text, note text, greeting text generated always as ({0}) stored)"


def test_a_computed_column_is_redacted_with_what_it_is_computed_from(warehouse):
    purge = tiny_purge(warehouse, ddl=COMPUTED.replace("{0}", "'Dear ' || coalesce(note, '')"))
    doom(purge, 1, columns=["greeting", "note"])
    assert purge.purge().rows == 4
    assert purge.execute("select distinct greeting from raw.tracks where user_id = 'person 1'") == [("Dear ",)]
    assert [(columns, rows) for _, _, columns, rows in purge.receipts()] == [(["greeting", "note"], 4)]


def test_a_computed_column_blocks_where_what_it_is_computed_from_stays(warehouse):
    purge = tiny_purge(warehouse, ddl=COMPUTED.replace("{0}", "lower(user_id) || note"))
    doom(purge, 1, columns=["greeting", "note"])
    with pytest.raises(DeclarationError, match=r"raw\.tracks would keep greeting, which is computed from user_id: "):
        purge.purge()


def test_a_hold_that_comes_after_the_plan_keeps_its_rows(warehouse):
    purge = tiny_purge(warehouse)
    doom(purge, 1, 2)
    between(purge, "insert into intermediate.int_identifiers__held values ('user_id', 'person 1')")
    assert purge.purge().rows == 4
    assert "person 1" in left(purge)
    assert "person 2" not in left(purge)


def test_a_row_that_changed_after_the_plan_stays_and_the_next_run_takes_it(warehouse):
    purge = tiny_purge(warehouse)
    doom(purge, 1)
    between(purge, "update raw.tracks set note = 'changed' where user_id = 'person 1' and note = 'note 2'")
    with pytest.raises(WarehouseError, match=r"1 row\(s\) of raw\.tracks changed .* Run the night again"):
        purge.purge()
    assert left(purge)["person 1"] == 1
    purge.purge()
    assert "person 1" not in left(purge)
    assert [rows for *_, rows in purge.receipts()] == [4]


def test_a_row_that_changed_after_a_resumed_plan_is_not_taken_for_one_that_was_purged_before(warehouse):
    purge = tiny_purge(warehouse)
    doom(purge, 1)
    planned = purge.plan()
    purge.purge()
    purge.execute("insert into raw.tracks select 'person 1', 'late ' || row from generate_series(1, 2) as row")
    mark = f"purge plan {planned.digest} of {NIGHT} after 4"
    doomed = purge.manifest.models[0].sql
    purge.execute(
        f"create table intermediate.int_tracks__doomed as {PLANNED.format(doomed)};"
        f" comment on table intermediate.int_tracks__doomed is '{mark}';"
        " select governance.group_planned('intermediate.int_tracks__doomed');"
        " update raw.tracks set note = 'changed' where note = 'late 1'"
    )
    with pytest.raises(StepError):
        purge.run("run", "int_tracks__doomed")
    assert purge.execute("select trouble ~ '^1 row' from governance.purge_troubles") == [(True,)]


@pytest.mark.parametrize("renamed", [False, True], ids=["after a purge", "after a plan that failed"])
def test_a_plan_leaves_no_list_of_whom_it_looked_for(warehouse, renamed):
    purge = tiny_purge(warehouse)
    doom(purge, 1)
    purge.execute("insert into intermediate.int_identifiers__held values ('user_id', 'person 2')")
    if renamed:
        purge.execute("alter table raw.tracks rename column user_id to uid")
        with pytest.raises(WarehouseError):
            purge.purge()
    else:
        assert purge.purge().rows == 4
    assert purge.execute("select count(*) from pg_class where relname ~ '_now$'") == [(0,)]


def test_a_plan_s_statistics_say_that_identifiers_differ_and_name_none(warehouse):
    purge = tiny_purge(warehouse)
    doom(purge, 1)
    with warehouse.connect("look at a plan", session=purge.session) as connection:
        connection.execute("select governance.prepare_plan()")
        known = connection.execute(
            "select n_distinct, num_nonnulls(most_common_vals, histogram_bounds) from pg_stats"
            " where tablename = 'int_identifiers__tombstoned_now' and attname = 'identifier'"
        ).fetchall()
        version = connection.info.server_version
        connection.rollback()
    assert known == ([(-1, 0)] if version >= 180_000 else [])


def test_a_lock_of_another_session_is_named_and_the_next_run_completes(warehouse):
    purge = tiny_purge(warehouse)
    doom(purge, 1)
    with warehouse.connect("hold a row") as other:
        other.execute("select * from raw.tracks where user_id = 'person 1' for update")
        with pytest.raises(WarehouseError, match=r"raw\.tracks is locked by another session"):
            purge.purge()
        other.execute("lock table raw.tracks in access exclusive mode")
        with pytest.raises(WarehouseError, match=r"raw\.tracks is locked by another session"):
            purge.plan()
    assert purge.receipts() == []
    assert purge.purge().rows == 4


@pytest.mark.parametrize("rule", ["cascade", "no action", "restrict"])
def test_rows_that_refer_to_doomed_ones_are_neither_taken_along_nor_withheld_as_a_reason(warehouse, rule):
    purge = tiny_purge(warehouse, ddl="create table {relation} (user_id text, note text, primary key (user_id, note))")
    purge.execute(
        "create table raw.likes (user_id text, note text, who text,"
        f" foreign key (user_id, note) references raw.tracks on delete {rule});"
        " insert into raw.likes values ('person 1', 'note 1', 'somebody else')"
    )
    doom(purge, 1)
    with pytest.raises(WarehouseError, match=r"raw\.tracks keeps doomed rows .* raw\.likes refer"):
        purge.purge()
    assert purge.execute("select count(*) from raw.likes") == [(1,)]
    assert purge.receipts() == []
    purge.execute("delete from raw.likes")
    assert purge.purge().rows == 4


def test_rows_that_refer_to_others_of_their_table_go_with_them(warehouse):
    ddl = "create table {relation} (user_id text, note text, id int generated always as identity primary key)"
    purge = tiny_purge(warehouse, ddl=ddl)
    purge.execute(
        "alter table raw.tracks add answers int references raw.tracks on delete cascade;"
        " update raw.tracks as track set answers = (select min(id) from raw.tracks where user_id = track.user_id)"
        " where note <> 'note 1'"
    )
    doom(purge, 1)
    assert purge.purge().rows == 4


KEEP = """
create function public.keep() returns trigger language plpgsql as $$ begin {} end $$;
create trigger keep before delete or update on raw.tracks for each row execute function public.keep()
"""


@pytest.mark.parametrize("columns", [None, ["note"]], ids=["deletion", "redaction"])
def test_a_trigger_that_keeps_doomed_rows_is_named_and_what_it_keeps_has_no_receipt(warehouse, columns):
    purge = tiny_purge(warehouse)
    purge.execute(KEEP.format("return null;"))
    doom(purge, 1, columns=columns)
    with pytest.raises(WarehouseError, match=r"4 row\(s\) of raw\.tracks .* a trigger keeps them \(keep\)"):
        purge.purge()
    assert purge.receipts() == []
    purge.execute("drop trigger keep on raw.tracks")
    assert purge.purge().rows == 4


def test_what_a_trigger_puts_back_into_a_redacted_row_is_not_receipted_as_gone(warehouse):
    purge = tiny_purge(warehouse)
    purge.execute(KEEP.format("if old.note = 'note 2' then new.note := old.note; end if; return new;"))
    doom(purge, 1, columns=["note"])
    with pytest.raises(WarehouseError, match=r"1 row\(s\) of raw\.tracks would keep .* trigger keep puts it back"):
        purge.purge()
    assert purge.receipts() == []
    assert purge.execute("select count(*) from raw.tracks where note is null") == [(0,)]


def test_a_trigger_that_stamps_rows_is_in_no_redaction_s_way(warehouse):
    purge = tiny_purge(warehouse, ddl="create table {relation} (user_id text, note text, changed_at timestamptz)")
    purge.execute(KEEP.format("new.changed_at := now(); return new;"))
    doom(purge, 1, columns=["note"])
    doom(purge, 2, columns=["note", "user_id"])
    assert purge.purge().rows == 8
    assert purge.execute("select count(*) from raw.tracks where note is null and changed_at is not null") == [(8,)]


@pytest.mark.parametrize(
    "rule",
    [
        "delete to raw.tracks do instead nothing",
        "delete to raw.tracks do instead delete from public.others where user_id = old.user_id",
        "update to raw.tracks do instead nothing",
    ],
    ids=["nothing goes", "others go", "nothing is emptied"],
)
def test_a_rule_that_makes_something_else_of_a_purge_is_named_and_nothing_is_receipted(warehouse, rule):
    purge = tiny_purge(warehouse)
    purge.execute(f"create table public.others as select * from raw.tracks; create rule keep as on {rule}")
    doom(purge, 1, columns=["note"] if rule.startswith("update") else None)
    with pytest.raises(WarehouseError, match=r"raw\.tracks keeps doomed rows: its rule keep .* Drop the rule"):
        purge.purge()
    assert purge.receipts() == []
    assert purge.execute("select count(*) from public.others") == [(40,)]
    purge.execute("drop rule keep on raw.tracks")
    assert purge.purge().rows == 4


def test_a_column_renamed_upstream_stops_before_any_row_goes(warehouse):
    purge = tiny_purge(warehouse, relations=("raw.pages", "raw.tracks"))
    doom(purge, 1)
    purge.execute("alter table raw.tracks rename column user_id to uid")
    with pytest.raises(WarehouseError, match="user_id does not exist"):
        purge.purge()
    assert left(purge, "raw.pages")["person 1"] == 4


def test_a_purge_model_whose_helper_would_have_its_own_name_stops_before_any_row_goes(warehouse):
    table = "t" * (63 - len("int___doomed"))
    purge = tiny_purge(warehouse, relations=(f"raw.{table}",))
    doom(purge, 1)
    with pytest.raises(DeclarationError, match=rf"int_{table}__doomed is too long a name .* at most 62"):
        purge.purge()
    purge.execute(f"alter table raw.{table} rename to {table[1:]}")
    assert type(purge)(warehouse, relations=(f"raw.{table[1:]}",)).purge().rows == 4


@pytest.mark.parametrize("name", ['"Tracks"', '"tracks of old"'])
def test_a_table_whose_name_needs_quotes_is_not_passed_over(warehouse, name):
    purge = tiny_purge(warehouse)
    doom(purge, 1)
    purge.execute(f"alter table raw.tracks rename to {name}")
    renamed = type(purge)(warehouse, relations=(f"raw.{name.strip(chr(34))}",))
    with pytest.raises(DeclarationError, match=r"must stand in quotes, and would not be purged\. Rename"):
        renamed.purge()


def test_a_table_named_by_a_reserved_word_is_purged(warehouse):
    purge = tiny_purge(warehouse, relations=("raw.user", "raw.order"))
    doom(purge, 1)
    assert purge.purge().rows == 8


def test_a_plan_over_its_limit_waits_for_a_person_and_goes_when_approved(warehouse):
    purge = tiny_purge(warehouse, limits={"purge_limit": 0.1, "purge_limit_rows": 5})
    doom(purge, 1, 2)
    with pytest.raises(StepError, match=r"raw\.tracks: 8 of 40 rows \(20\.0%; at most 5\).*govern review approve 1"):
        purge.purge()
    assert purge.receipts() == []
    with warehouse.connect("decide") as connection:
        reviews.decide(connection, 1, "approved", by="an auditor")
    assert purge.purge().rows == 8
    doom(purge, 3)
    with pytest.raises(StepError, match=r"raw\.tracks: 12 of 40 rows"):
        purge.purge()


def test_rows_that_a_loader_deleted_do_not_count_into_a_share(warehouse):
    purge = tiny_purge(warehouse, limits={"purge_limit": 0.1, "purge_limit_rows": 5})
    purge.execute("insert into raw.tracks select 'nobody', row::text from generate_series(1, 1000) as row")
    purge.execute("analyze raw.tracks")
    purge.execute("delete from raw.tracks where user_id = 'nobody'")
    doom(purge, 1, 2)
    with pytest.raises(StepError, match=r"raw\.tracks: 8 of 40 rows"):
        purge.purge()


def test_a_rejected_plan_purges_nothing(warehouse):
    purge = tiny_purge(warehouse, limits={"purge_limit": 0, "purge_limit_rows": 0})
    doom(purge, 1)
    with pytest.raises(StepError):
        purge.purge()
    with warehouse.connect("decide") as connection:
        reviews.decide(connection, 1, "rejected", by="an auditor")
    with pytest.raises(StepError, match="review 1 rejected"):
        purge.purge()
    assert purge.receipts() == []


def test_dbt_run_by_hand_obeys_the_limit_too(warehouse):
    purge = tiny_purge(warehouse, limits={"purge_limit": 0.1, "purge_limit_rows": 5})
    doom(purge, 1, 2)
    doomed = purge.manifest.models[0].sql
    purge.execute(f"create table intermediate.int_tracks__doomed as {PLANNED.format(doomed)}")
    with pytest.raises(StepError):
        purge.run("run", "int_tracks__doomed")
    assert len(left(purge)) == 10


def test_an_ordered_plan_is_carried_out_exactly_or_not_at_all(warehouse):
    purge = tiny_purge(warehouse)
    doom(purge, 1)
    seen = purge.plan()
    with warehouse.connect("order") as connection:
        purging.record(connection, seen)
        purging.order(connection, seen.digest, night=NIGHT)
    doom(purge, 2)
    with pytest.raises(StepError, match=r"raw\.tracks \(tombstone\): 4 rows then, 8 now"):
        purge.purge()
    assert len(left(purge)) == 10
    purge.execute("delete from public.doomed where identifier = 'person 2'")
    assert purge.purge().rows == 4
    assert purge.purge().rows == 4


def test_a_swapped_row_is_another_plan_though_its_counts_are_the_same(warehouse):
    purge = tiny_purge(warehouse)
    doom(purge, 1)
    first = purge.plan()
    purge.execute("update public.doomed set identifier = 'person 2'")
    assert purge.plan().digest != first.digest


def test_a_vacuum_frees_what_was_purged_and_skips_what_is_locked(warehouse):
    purge = tiny_purge(warehouse, relations=("raw.pages", "raw.tracks"))
    doom(purge, 1)
    purge.purge()
    with warehouse.connect("lock") as other:
        other.execute("lock table raw.pages in access exclusive mode")
        assert purging.vacuum(warehouse, night=NIGHT) == purging.Vacuumed(("raw.tracks",), ("raw.pages",))


def between(purge, statement):
    """Let another session run `statement` after the plan, before the first row goes."""
    run = type(purge).run

    def interrupted(self, command, *names):
        with self.warehouse.connect("come between", session=SESSION) as connection:
            connection.execute(statement)
        object.__setattr__(self, "run", lambda *arguments: run(self, *arguments))
        run(self, command, *names)

    object.__setattr__(purge, "run", lambda *arguments: interrupted(purge, *arguments))


COUNTED = """
create sequence public.statements;
create function public.count_statement() returns trigger language plpgsql as $$
begin perform nextval('public.statements'); return null; end $$;
create trigger counted after update on raw.tracks for each statement execute function public.count_statement()
"""


def test_rows_that_lose_different_columns_are_redacted_by_one_statement(warehouse):
    purge = tiny_purge(warehouse, ddl="create table {relation} (user_id text, note text)")
    purge.execute(COUNTED)
    doom(purge, 1, columns=["note"])
    doom(purge, 2, columns=["note", "user_id"])
    doom(purge, 3, columns=["note"])
    assert purge.purge().rows == 12
    assert purge.execute("select last_value from public.statements") == [(1,)]
    assert purge.execute("select count(*)::int, count(note)::int from raw.tracks where user_id is null") == [(4, 0)]
    assert purge.execute(
        "select count(*)::int, count(note)::int from raw.tracks where user_id in ('person 1', 'person 3')"
    ) == [(8, 0)]
    assert purge.execute("select count(note)::int from raw.tracks") == [(28,)]
    assert [(columns, rows) for _, _, columns, rows in purge.receipts()].count((["note"], 4)) == 2


@pytest.mark.parametrize(("given", "asked"), [(4, 1), (0, 0)], ids=["rather than four", "none where none are given"])
def test_a_relation_is_planned_by_one_process_beside_its_own(warehouse, given, asked):
    """Two relations are planned at a time: with more processes each, they hand rows to one another."""
    purge = tiny_purge(warehouse)
    purge.execute(
        "drop table public.doomed; create view public.doomed as select 'person 1' as identifier, null::text [] as"
        f" redacted_columns where current_setting('max_parallel_workers_per_gather')::int = {asked}"
    )
    with warehouse.connect("plan", session=SESSION | {"max_parallel_workers_per_gather": str(given)}) as connection:
        planned = purging.plan(connection, purge.manifest, night=NIGHT)
        connection.rollback()
    assert [each.rows for each in planned.purges] == [4]
