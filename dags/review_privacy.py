"""Ask a person what the nights may not decide: a run a review, which waits until somebody answers.

Wiring only; what is asked and recorded is `privacy_governance.reviews`.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import Param, dag, task

TRANSIENT = {"retries": 2, "retry_delay": timedelta(seconds=20)}
SETTINGS = {
    "start_date": pendulum.datetime(2026, 1, 1, tz="UTC"),
    "catchup": False,
    "default_args": {"retries": 0, "owner": "privacy"},
    "tags": ["privacy"],
}


@dag(
    schedule="20 * * * *",
    max_active_runs=1,
    doc_md="Looks every hour for reviews that nobody was asked about, and starts a run of `review_privacy` for each. "
    "No night waits for it.",
    **SETTINGS,
)
def ask_for_reviews():
    """Start a run for each pending review, once."""

    @task(**TRANSIENT, doc_md="Lists the pending reviews: numbers and findings, which hold counts only.")
    def look_for_reviews():
        from privacy_governance import reviews

        return [
            {
                "trigger_run_id": f"review-{each.review_id}",
                "conf": {"review_id": each.review_id, "question": f"{each.kind} {each.about}: {each.finding}"},
            }
            for each in reviews.waiting()
        ]

    TriggerDagRunOperator.partial(
        task_id="ask", trigger_dag_id="review_privacy", skip_when_already_exists=True, wait_for_completion=False
    ).expand_kwargs(look_for_reviews())


@dag(
    schedule=None,
    max_active_runs=100,
    params={
        "review_id": Param(type="integer", description="Number of the review."),
        "question": Param("", type="string", description="What was found."),
    },
    doc_md="Waits until a person approves or rejects under Required Actions, and records it. What is asked: whether a "
    "request that leads to several people's identifiers means all of them, or whether a plan may purge more of a table "
    "than its limit (`govern nightly --dry-run` prints it). The same as `govern review approve`; whichever comes first "
    "stands. Due dates run on meanwhile.",
    **SETTINGS,
)
def review_privacy():
    """Ask a person, record the answer."""
    answer = HITLOperator(
        task_id="decide",
        subject="Review {{ params.review_id }}: may this deletion go on?",
        body="{{ params.question }}\n\nApproved: the next night carries it out. Rejected: nothing of it goes.",
        options=["approved", "rejected"],
        params={"reason": Param("", type="string", description="Why, for the auditor; name nobody it is about.")},
        doc_md="Holds no worker while it waits.",
    )

    @task(**TRANSIENT, doc_md="Writes who decided, how and why: `governance.reviews`. The next night acts on it.")
    def record(answered, **context):
        from privacy_governance import reviews

        (made,) = answered["chosen_options"]
        by = (answered.get("responded_by_user") or {}).get("name") or "a user of Airflow"
        reviews.record(
            context["params"]["review_id"], made, by=by, reason=(answered.get("params_input") or {}).get("reason")
        )

    record(answer.output)


ask_for_reviews()
review_privacy()
