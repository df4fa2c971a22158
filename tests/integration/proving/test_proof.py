"""Planted people are found before the purge, nowhere after the rewrite, and not after a backup was restored either."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from lib.checkouts import Checkout
from lib.databases import copy_of
from lib.nights import ON, night_of
from privacy_governance import ledger, night, proving, restoring
from privacy_governance.errors import GovernanceError, WarehouseError
from privacy_governance.proving import files, planting, proof, rewriting
from privacy_governance.proving.searching import MUST_BE_EMPTY, alive
from privacy_governance.warehouse import Warehouse

COPY = "raw.users_before_the_migration"
BEGAN = datetime(ON.year, ON.month, ON.day, 1, 2, 3, 456789, tzinfo=UTC)


def execute(warehouse, statement):
    with warehouse.connect("change", autocommit=True) as connection:
        return connection.execute(statement)


@dataclass(frozen=True)
class Proven:
    checkout: Checkout
    proof: proving.Proof
    run: proving.Run
    backup: Warehouse

    @property
    def left(self):
        return {each.relation for each in self.proof.rewritten if each.place in MUST_BE_EMPTY}


@pytest.fixture(scope="module")
def proven(governed, server_url):
    """A proof where somebody keeps a copy of a table that nobody declared; with a backup of just before the purge."""
    run = proving.Run.new(BEGAN)
    planted, patch = proof.plant, pytest.MonkeyPatch()
    backups = ExitStack()
    made = []

    def plant_and_copy(*arguments, **options):
        done = planted(*arguments, **options)
        made.append(backups.enter_context(copy_of(server_url, governed.warehouse)))
        execute(governed.warehouse, f"create table {COPY} as select * from raw.users")
        return done

    patch.setattr(proof, "plant", plant_and_copy)
    patch.setattr(proof.Run, "new", lambda began_at: run)
    with backups:
        try:
            done = proving.prove(night_of(governed), people=2, began_at=BEGAN, is_rewritten=True)
        finally:
            patch.undo()
        ledger.copy(governed.warehouse, governed.settings)
        yield Proven(governed, done, run, made[0])


def test_the_canaries_are_found_in_every_place_before_the_purge(proven):
    done = proven.proof
    assert done.without_control == ()
    tables = {each.relation for each in done.before if each.place == "heap"}
    assert set(done.planted.relations) <= tables


def test_after_the_rewrite_nothing_is_left_but_of_the_table_that_was_left_out(proven):
    assert proven.left - {"pg_catalog.pg_statistic"} == {COPY}


def test_the_table_that_was_left_out_is_named(proven):
    done = proven.proof
    assert done.alive == {COPY: 2}
    assert any(failure.startswith(f"{COPY} still has 2 row(s)") for failure in done.failures)


def test_no_file_of_the_night_and_no_line_of_the_ledger_holds_a_canary(proven):
    done = proven.proof
    assert done.files == ()
    assert not [each for each in done.rewritten if each.relation.startswith("governance.")]


def test_without_the_left_out_table_every_place_ends_at_zero(proven):
    governed, run = proven.checkout, proven.run
    execute(governed.warehouse, f"drop table {COPY}")
    execute(governed.warehouse, "analyze")
    proving.rewrite(governed.warehouse, [])
    with governed.warehouse.connect("search", autocommit=True) as connection:
        found = proving.search(connection, run.marker)
    assert [each for each in found if each.place in MUST_BE_EMPTY] == []


def test_what_was_written_anew_is_noted_and_no_longer_due(proven):
    governed, done = proven.checkout, proven.proof
    with governed.warehouse.connect("look") as connection:
        assert proving.due(connection) == ()
        noted = {relation for (relation,) in connection.execute("select relation from governance.rewrites")}
    assert set(done.planted.relations) <= noted


def test_a_run_killed_while_planting_leaves_only_requests_that_the_next_night_carries_out(proven, monkeypatch):
    governed = proven.checkout
    run = proving.Run.new(BEGAN)
    inserted = planting._insert

    def kill_at_tracks(connection, of_run, relation, columns, people):
        if relation == "raw.tracks":
            raise KeyboardInterrupt
        inserted(connection, of_run, relation, columns, people)

    monkeypatch.setattr(planting, "_insert", kill_at_tracks)
    target = governed.settings.dbt_project / "target"
    with pytest.raises(KeyboardInterrupt):
        proving.plant(governed.warehouse, proof.read_manifest(target), run, people=1)
    with governed.warehouse.connect("look") as connection:
        assert alive(connection, ("raw.users", "raw.identifies"), run.marker) == {}
        assert alive(connection, ("raw.privacy_requests",), run.marker) == {"raw.privacy_requests": 1}


def test_a_locked_table_is_not_waited_for_and_nothing_is_noted(proven, monkeypatch):
    governed = proven.checkout
    monkeypatch.setattr(rewriting, "LOCK_TIMEOUT", "50ms")
    with governed.warehouse.connect("read for a long time") as reader:
        reader.execute("select count(*) from raw.users")
        with pytest.raises(WarehouseError, match=r"raw\.users could not be locked"):
            proving.rewrite(governed.warehouse, ["raw.users"])


def test_a_role_that_may_not_read_files_is_told_what_to_run(proven):
    governed = proven.checkout
    with governed.warehouse.connect("search as an auditor") as connection:
        connection.execute("set role auditor")
        with pytest.raises(WarehouseError, match=r"GRANT pg_read_server_files TO auditor; GRANT pg_checkpoint"):
            proving.require_rights(connection)


def test_a_file_that_repeats_a_value_is_found_across_blocks(tmp_path, monkeypatch, governed):
    monkeypatch.setattr(files, "CHUNK", 16)
    leak = governed.settings.state / "leak.txt"
    leak.parent.mkdir(parents=True, exist_ok=True)
    leak.write_text("0123456789canaryvalue9876543210")
    try:
        assert [each.file for each in proving.search_files(governed.settings, "canaryvalue")] == [leak]
    finally:
        leak.unlink()


def may_read(warehouse):
    with warehouse.connect("look") as connection:
        return connection.execute("select has_schema_privilege('analyst', 'research', 'usage')").fetchone() == (True,)


def kill(_):
    raise KeyboardInterrupt


def test_a_restored_backup_is_noticed_and_its_people_are_purged_again_before_analysts_read(proven, monkeypatch):
    restored = replace(proven.checkout, warehouse=proven.backup)
    tables = ("raw.users", "raw.identifies", "raw.tracks")

    def back():
        with restored.warehouse.connect("look") as connection:
            return alive(connection, tables, proven.run.marker)

    assert set(back()) == set(tables)
    with pytest.raises(WarehouseError, match="restored from a backup"):
        ledger.require_current(restored.warehouse, restored.settings)
    monkeypatch.setitem(night.STEPS, "compile", kill)
    with pytest.raises(KeyboardInterrupt):
        restoring.check(night_of(restored))
    monkeypatch.undo()
    night.bootstrap(restored.warehouse, fingerprints={})  # as any step does: must not grant while a check is open
    assert not may_read(restored.warehouse)
    with pytest.raises(GovernanceError, match="did not come to its end"):
        ledger.require_current(restored.warehouse, restored.settings)
    checked = restoring.check(night_of(restored))
    assert checked.brought_back > 0
    assert checked.purged_rows > 0
    assert back() == {}
    assert may_read(restored.warehouse)
    ledger.require_current(restored.warehouse, restored.settings)
    assert ledger.verify(restored.warehouse, restored.settings.state / "ledger").is_whole
