"""The DAG in which a person decides: it parses, asks once, and what is answered stands in the ledger."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from lib.checkouts import KEY
from privacy_governance import reviews
from privacy_governance.settings import CHECKOUT

IN_AIRFLOW = """
import json, sys
from airflow.dag_processing.dagbag import DagBag

bag = DagBag({folder!r})
assert not bag.import_errors, bag.import_errors
asking = bag.dags["ask_for_reviews"].get_task("look_for_reviews").python_callable()
review = bag.dags["review_privacy"]
answered = dict(
    chosen_options=["rejected"], params_input=dict(reason="Two people"), responded_by_user=dict(id="1", name="A. Lee")
)
review.get_task("decide").validate_chosen_options(answered["chosen_options"])
review.get_task("record").python_callable(answered, params=asking[0]["conf"])
print("ANSWER", json.dumps([sorted(bag.dags), asking]))
"""


@pytest.fixture(scope="module")
def answered(identity_warehouse, tmp_path_factory):
    """What Airflow made of the file, and of one pending review."""
    with identity_warehouse.connect("ask") as connection:
        reviews.open_review(connection, "identity", "req-1", "The request leads to 2 user ids.", "2026-03-01")
    home = tmp_path_factory.mktemp("airflow")
    ran = subprocess.run(
        [sys.executable, "-c", IN_AIRFLOW.format(folder=str(CHECKOUT / "dags" / "review_privacy.py"))],
        env={
            **os.environ,
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(CHECKOUT / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "WAREHOUSE_URL": identity_warehouse.url,
            "GOVERN_KEY": KEY,
            "GOVERN_STATE_DIR": str(home / "state"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    (line,) = [line for line in ran.stdout.splitlines() if line.startswith("ANSWER ")]
    yield json.loads(line.removeprefix("ANSWER "))
    with identity_warehouse.connect("tidy up") as connection:
        connection.execute("delete from governance.reviews")


def test_the_file_parses_into_its_dags(answered):
    assert answered[0] == ["ask_for_reviews", "review_privacy"]


def test_a_pending_review_starts_one_run_of_its_own(answered):
    (asked,) = answered[1]
    assert asked["trigger_run_id"] == f"review-{asked['conf']['review_id']}"
    assert "2 user ids" in asked["conf"]["question"]


def test_an_answer_stands_in_the_ledger_with_who_gave_it_and_why(answered, identity_warehouse):
    with identity_warehouse.connect("look") as connection:
        (decided,) = reviews.every(connection)
    assert (decided.decision, decided.decided_by, decided.reason) == ("rejected", "A. Lee", "Two people")
