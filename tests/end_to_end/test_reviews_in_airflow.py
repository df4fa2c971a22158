"""What a night may not decide waits in Airflow for a person, and the answer stands in the ledger."""

from __future__ import annotations

import json
import subprocess
import time
from contextlib import contextmanager

import pytest

from lib.airflow_servers import AIRFLOW, ask, serving
from lib.checkouts import check_out
from lib.nights import ON
from privacy_governance import reviews
from privacy_governance.orchestration import Orchestration
from privacy_governance.warehouse.bootstrap import bootstrap

ASKED_SECONDS = 240
FOUND = "Tonight would purge more than its limit of raw.tracks: 8 of 40 rows (20.0%; at most 5)."
WAITING = "/api/v2/dags/review_privacy/dagRuns/~/hitlDetails?response_received=false"


@contextmanager
def review_run(orchestration, review, log):
    """Run the DAG for a review in a process of its own, as `airflow dags test` does."""
    conf = json.dumps({"review_id": review.review_id, "question": f"{review.kind} {review.about}: {review.finding}"})
    command = [AIRFLOW, "dags", "test", "review_privacy", str(ON), "--conf", conf]
    with (
        log.open("w") as output,
        subprocess.Popen(command, env=orchestration.environment, stdout=output, stderr=output) as run,
    ):
        try:
            yield run
        finally:
            run.kill()


def what_waits(port, login, run, log):
    deadline = time.monotonic() + ASKED_SECONDS
    while time.monotonic() < deadline and run.poll() is None:
        waiting = json.loads(ask(port, WAITING, login).body).get("hitl_details")
        if waiting:
            return waiting[0]
        time.sleep(0.5)
    return pytest.fail(f"Airflow asked nobody:\n{log.read_text()[-3000:]}")


def test_a_plan_over_its_limit_waits_for_a_person_whose_answer_the_ledger_keeps(warehouse, tmp_path):
    bootstrap(warehouse, fingerprints={})
    with warehouse.connect("stop a plan") as connection:
        reviews.open_review(connection, "purge plan", "f" * 64, FOUND, str(ON))
        (review,) = reviews.pending(connection)
    checkout = check_out(tmp_path / "checkout", warehouse)
    orchestration = Orchestration(checkout.settings, warehouse, checkout.key)
    orchestration.prepare()
    with (
        serving(orchestration, tmp_path / "api-server.log") as (address, cookie),
        review_run(orchestration, review, tmp_path / "run.log") as run,
    ):
        port, login = address.rpartition(":")[2], {"Authorization": f"Bearer {cookie}"}
        asked = what_waits(port, login, run, tmp_path / "run.log")
        assert FOUND in asked["body"]
        assert asked["options"] == ["approved", "rejected"]
        task = asked["task_instance"]
        path = f"/api/v2/dags/review_privacy/dagRuns/{task['dag_run_id']}/taskInstances/decide/-1/hitlDetails"
        answer = {"chosen_options": ["approved"], "params_input": {"reason": "It is right"}}
        assert ask(port, path, login, method="PATCH", body=answer).status == 200
        assert run.wait(timeout=ASKED_SECONDS) == 0, (tmp_path / "run.log").read_text()[-3000:]
    with warehouse.connect("look") as connection:
        (decided,) = reviews.every(connection)
    assert (decided.decision, decided.decided_by, decided.reason) == ("approved", "admin", "It is right")
