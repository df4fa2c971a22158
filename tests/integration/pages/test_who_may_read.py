"""The Governance page is for those who may read the DAG that writes its reports."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from privacy_governance.settings import CHECKOUT

ASK = """
import logging

logging.disable(logging.WARNING)
import governance_page
from airflow.api_fastapi.core_api.security import get_user
from fastapi.testclient import TestClient

class Managed:
    def is_authorized_dag(self, *, method, details, user):
        return (method, details.id, user) == ("GET", "publish_research", "reader")

governance_page.get_auth_manager = Managed
client = TestClient(governance_page.app)
print("nobody", client.get("/").status_code)
for user in ("somebody", "reader"):
    governance_page.app.dependency_overrides[get_user] = lambda user=user: user
    answer = client.get("/")
    print(user, answer.status_code, "No night" in answer.text)
print("policy:", answer.headers["content-security-policy"])
print("no date", client.get("/?before=2026-03-01%27").status_code)
"""


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """What the page answers, in a process of its own: Airflow configures all of the one it is in."""
    home = tmp_path_factory.mktemp("airflow")
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "GOVERN_STATE_DIR": str(home),
        "PYTHONPATH": os.pathsep.join([str(CHECKOUT / "plugins"), os.environ.get("PYTHONPATH", "")]),
    }
    done = subprocess.run(
        [sys.executable, "-c", ASK], env=environment, cwd=home, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


def test_nobody_reads_it_without_a_login(answered):
    assert "nobody 401" in answered


def test_who_may_not_read_the_dag_is_refused(answered):
    assert "somebody 403 False" in answered


def test_who_may_read_the_dag_reads_a_page_that_may_run_no_script(answered):
    assert "reader 200 True" in answered
    (policy,) = (line for line in answered if line.startswith("policy:"))
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_a_night_that_is_no_date_is_refused(answered):
    assert "no date 422" in answered
