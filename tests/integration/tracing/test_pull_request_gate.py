"""The gate of a pull request on this project itself: compiled without a warehouse, traced, its research tables held."""

from __future__ import annotations

import json

import pytest

from lib.checkouts import check_out
from privacy_governance.warehouse import Warehouse

MODEL = "models/marts/research/research_events.sql"
GATE = ("trace", "dbt_project", "--protect", "research_candidate")


@pytest.fixture(scope="module")
def pull_request(tmp_path_factory):
    """A checkout without a warehouse, compiled."""
    checkout = check_out(tmp_path_factory.mktemp("gate") / "checkout", Warehouse("postgresql://nowhere.invalid/none"))
    compiled = checkout.govern("compile")
    assert compiled.returncode == 0, compiled.stderr
    return checkout


def test_the_project_as_it_is_passes_with_every_column_answered(pull_request):
    gate = pull_request.govern(*GATE, "--format", "json")
    assert gate.returncode == 0, gate.stderr
    found = json.loads(gate.stdout)
    assert found["coverage"] == 1.0
    assert found["columns"] > 300
    assert found["unresolved"] == found["exposed"] == []


def test_a_model_that_would_expose_an_email_fails_with_the_column_and_its_path(pull_request):
    model = pull_request.folder / "dbt_project" / MODEL
    before = model.read_text()
    contact = '(select min(email) from {{ ref("stg_segment__users") }}) as contact'
    model.write_text(f"select released.*, {contact} from (\n{before}\n) as released")
    stale = pull_request.govern(*GATE)
    assert stale.returncode == 2
    assert f"changed since they were compiled: {MODEL}" in stale.stderr
    assert pull_request.govern("compile").returncode == 0
    gate = pull_request.govern(*GATE)
    assert gate.returncode == 1
    assert "research_candidate.research_events.contact is direct, identifiers_general" in gate.stdout
    path = next(line for line in gate.stdout.splitlines() if "path:" in line)
    assert path.strip().startswith("path: raw.users.email → ")
    assert path.endswith(" → research_candidate.research_events.contact")
    assert "research_candidate.research_events.contact" in gate.stderr
