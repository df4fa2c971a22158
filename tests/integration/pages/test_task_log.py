"""What the page of a failed task shows in Airflow: each violation on a line of its own, and where the report is."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from privacy_governance.settings import CHECKOUT

REFUSAL = (
    "night 2026-03-01 is not published: 2 violations of 1 rule.\n"
    "violation_undeclared_column: 2 offenders\n"
    "  - raw.users.favorite_team has no ccpa_category. Tag it in _segment__sources.yml."
)
RUN = f"""
import logging
import sys

logging.disable(logging.WARNING)
import governance_plugin
from airflow.sdk.exceptions import AirflowFailException
from privacy_governance import night
from privacy_governance.errors import PublishingBlockedError

logging.getLogger("governance_plugin").addHandler(logging.StreamHandler(sys.stdout))

def refuse(name, *, on):
    raise PublishingBlockedError({REFUSAL!r})

night.run_step = refuse
try:
    governance_plugin.run_step("validate", {{"params": {{"night": "2026-03-01"}}}})
except AirflowFailException as error:
    print("raised:", error)
view, = governance_plugin.GovernancePlugin.external_views
print("page:", view["href"])
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """What a task says whose step is refused, in a process of its own: Airflow configures all of the one it is in."""
    home = tmp_path_factory.mktemp("airflow")
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__API__BASE_URL": "https://airflow.example.org/team",
        "PYTHONPATH": os.pathsep.join([str(CHECKOUT / "plugins"), os.environ.get("PYTHONPATH", "")]),
    }
    done = subprocess.run(
        [sys.executable, "-c", RUN], env=environment, cwd=home, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_a_refusal_stands_in_the_task_s_log_a_violation_a_line_and_once(said):
    for line in REFUSAL.splitlines():
        assert said.count(line) == 1
    assert "raised: night 2026-03-01 is not published: 2 violations of 1 rule." in said


def test_the_log_leads_to_the_night_s_report(said):
    assert any(
        line.endswith("https://airflow.example.org/team/governance/nights/2026-03-01/report.html") for line in said
    )


def test_the_page_s_address_keeps_the_path_that_airflow_is_served_under(said):
    assert "page: /team/governance/" in said
