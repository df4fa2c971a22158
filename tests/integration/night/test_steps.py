"""Steps meet what changes around them: other steps, and a warehouse that changes while they run."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from lib.checkouts import KEY, SALT
from lib.nights import ON, night_of
from privacy_governance import night as nights
from privacy_governance.errors import PublishingBlockedError, SettingsError, StepError, WarehouseError
from privacy_governance.keys import Keys
from privacy_governance.locks import Lock
from privacy_governance.progress import say
from privacy_governance.report.gathering import read_steps
from privacy_governance.settings import settings
from privacy_governance.warehouse.bootstrap import bootstrap


@pytest.fixture
def run_here(checkout, monkeypatch):
    """Runs a step as a task of Airflow's does, in the checkout: nobody listens to what it says."""
    for name in ("WAREHOUSE_URL", "GOVERN_KEY", "GOVERN_PROJECT_DIR", "GOVERN_STATE_DIR"):
        monkeypatch.setenv(name, checkout.environment[name])
    settings.cache_clear()
    yield nights.run_step
    settings.cache_clear()


def test_a_step_waits_for_another_that_runs_on_the_same_warehouse(checkout, monkeypatch, run_here):
    ran = threading.Event()
    monkeypatch.setitem(nights.STEPS, "trace", lambda _: ran.set())
    waiting = threading.Thread(target=run_here, args=["trace"], kwargs={"on": ON})
    with checkout.warehouse.connect("be another step", autocommit=True) as other:
        other.execute("select pg_advisory_lock(%s)", [Lock.STEP])
        waiting.start()
        assert not ran.wait(timeout=2)
    waiting.join(timeout=30)
    assert ran.is_set()


def test_what_the_steps_of_a_run_say_is_recorded_for_the_report_whoever_runs_them(
    checkout, monkeypatch, run_here, capsys
):
    def said():
        return [(step.name, step.message, step.has_stopped) for step in read_steps(record)]

    def refuse(_):
        raise PublishingBlockedError("a rule is broken\n  - in full")

    record = checkout.settings.progress_of(str(ON))
    for step in ("compile", "trace"):
        monkeypatch.setitem(nights.STEPS, step, lambda _, step=step: say(step, f"{step} is done"))
        run_here(step, on=ON)
    monkeypatch.setitem(nights.STEPS, "validate", refuse)
    with pytest.raises(PublishingBlockedError):
        run_here("validate", on=ON)
    done = [("compile", "compile is done", False), ("trace", "trace is done", False)]
    assert said() == [*done, ("validate", "a rule is broken\n  - in full", True)]
    assert "compile is done" in capsys.readouterr().out, "the task's log must have it, too"

    run_here("compile", on=ON)
    assert said() == done[:1], "a run that begins anew still tells of the one before"


def test_a_night_before_one_that_was_decided_is_refused_and_its_report_is_not(checkout, monkeypatch, run_here):
    ran = []
    bootstrap(checkout.warehouse, fingerprints=Keys.derive(KEY, salt=SALT).fingerprints())
    for step in ("compile", "purge", "report"):
        monkeypatch.setitem(nights.STEPS, step, lambda night, step=step: ran.append((step, night.on)))
    with checkout.warehouse.connect("decide the night") as connection:
        connection.execute("insert into governance.nights (night, state) values (%s, 'refused')", [ON])
    before = ON - timedelta(days=1)
    for step in ("compile", "purge"):
        with pytest.raises(StepError, match=rf"the night {ON} was run .* {before} is before it.*govern report"):
            run_here(step, on=before)
    run_here("report", on=before)
    run_here("purge", on=ON)
    assert ran == [("report", before), ("purge", ON)]


@pytest.mark.parametrize("step", ["compile", "purge"])
def test_a_night_that_has_not_come_is_refused_wherever_on_earth_it_is_asked_for(checkout, monkeypatch, run_here, step):
    ran = []
    bootstrap(checkout.warehouse, fingerprints=Keys.derive(KEY, salt=SALT).fingerprints())
    monkeypatch.setitem(nights.STEPS, step, lambda night: ran.append(night.on))
    today = datetime.now(UTC).date()
    with pytest.raises(StepError, match=rf"has not come, today is {today}.*govern nightly --date {today}"):
        run_here(step, on=today + timedelta(days=2))
    begun_somewhere = (datetime.now(UTC) + timedelta(hours=14)).date()
    run_here(step, on=begun_somewhere)
    assert ran == [begun_somewhere]


def test_a_night_decided_before_it_came_says_how_nights_go_on(checkout, monkeypatch, run_here):
    bootstrap(checkout.warehouse, fingerprints=Keys.derive(KEY, salt=SALT).fingerprints())
    monkeypatch.setitem(nights.STEPS, "compile", lambda _: None)
    with checkout.warehouse.connect("decide a night") as connection:
        connection.execute("insert into governance.nights (night, state) values ('9999-01-01', 'refused')")
    with pytest.raises(StepError, match=r"9999-01-01 .* remove its row from governance\.nights"):
        run_here("compile", on=ON)
    with checkout.warehouse.connect("do as it says") as connection:
        connection.execute("delete from governance.nights where night = '9999-01-01'")
    run_here("compile", on=ON)


def test_a_dry_run_of_a_night_before_one_that_was_decided_is_refused(checkout, run_here):
    bootstrap(checkout.warehouse, fingerprints=Keys.derive(KEY, salt=SALT).fingerprints())
    with checkout.warehouse.connect("decide the night") as connection:
        connection.execute("insert into governance.nights (night, state) values (%s, 'refused')", [ON])
    refused = checkout.govern("nightly", "--date", str(ON - timedelta(days=1)), "--dry-run")
    assert refused.returncode == 2
    assert "is before it" in refused.stderr


def test_a_step_that_does_not_exist_is_answered_with_those_that_do():
    with pytest.raises(SettingsError, match="compile, trace, tag, tombstone, purge"):
        nights.run_step("vacuum", on=ON)


def test_a_table_dropped_after_compile_stops_the_purge_and_then_blocks_publishing_each_time_named(governed):
    night = night_of(governed)
    nights.compile_(night)
    nights.trace(night)
    with governed.warehouse.connect("drop a source") as connection:
        connection.execute("drop table raw.screens")
    nights.tag(night)
    nights.tombstone(night)
    with pytest.raises(WarehouseError, match=r'"raw\.screens" does not exist'):
        nights.purge(night)
    for step in (nights.compile_, nights.trace, nights.tag, nights.tombstone, nights.purge, nights.anonymize):
        step(night)
    with pytest.raises(PublishingBlockedError, match=r"raw\.screens is declared .* not in the warehouse"):
        nights.validate(night)
