"""Steps meet what changes around them: other steps, and a warehouse that changes while they run."""

from __future__ import annotations

import threading

import pytest

from lib.checkouts import KEY
from lib.nights import ON, night_of
from privacy_governance import night as nights
from privacy_governance.errors import PublishingBlockedError, SettingsError, WarehouseError
from privacy_governance.settings import settings


def test_a_step_waits_for_another_that_runs_on_the_same_warehouse(checkout, monkeypatch):
    monkeypatch.setenv("WAREHOUSE_URL", checkout.warehouse.url)
    monkeypatch.setenv("GOVERN_KEY", KEY)
    settings.cache_clear()
    ran = threading.Event()
    monkeypatch.setitem(nights.STEPS, "trace", lambda _: ran.set())
    waiting = threading.Thread(target=nights.run_step, args=["trace"], kwargs={"on": ON})
    with checkout.warehouse.connect("be another step", autocommit=True) as other:
        other.execute("select pg_advisory_lock(%s)", [nights.STEP_LOCK])
        waiting.start()
        assert not ran.wait(timeout=2)
    waiting.join(timeout=30)
    settings.cache_clear()
    assert ran.is_set()


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
