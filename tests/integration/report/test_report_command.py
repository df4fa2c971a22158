"""`govern report` of nights that ran, and of one that did not."""

from __future__ import annotations

import pytest

from privacy_governance import report
from privacy_governance.errors import SettingsError
from privacy_governance.warehouse.bootstrap import bootstrap


def test_a_night_that_never_ran_is_answered_with_those_that_did(governed, project):
    with pytest.raises(SettingsError, match=r"2026-11-24 never ran .* 2026-11-23, 2026-11-22\. .*--date 2026-11-23"):
        report.require_ran(governed, project, "2026-11-24")


def test_a_warehouse_without_a_night_is_told_how_to_run_one(warehouse, project):
    for prepare in (lambda: None, lambda: bootstrap(warehouse, fingerprints={})):
        prepare()
        with pytest.raises(SettingsError, match=r"nor did any other\. Run one: govern nightly"):
            report.require_ran(warehouse, project, "2026-11-24")


def test_a_night_that_decided_purged_or_only_stopped_can_be_reported_on(governed, project, night, decide, *, run, say):
    report.require_ran(governed, project, "2026-11-22")  # it has receipts
    decide("refused", night="2026-11-21")
    report.require_ran(governed, project, "2026-11-21")
    run("alter table governance.purge_receipts disable trigger user", "delete from governance.purge_receipts")
    say(("compile", "stopped: a model does not parse", 0))
    report.require_ran(governed, project, night)


def test_the_command_writes_no_page_of_a_night_that_never_ran(checkout):
    refused = checkout.govern("report", "--date", "2026-11-24")
    assert refused.returncode == 2
    assert "never ran" in refused.stderr
    assert not checkout.settings.nights.exists()
