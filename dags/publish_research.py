"""After each enforced night: anonymize, validate, publish, report.

Wiring only; the steps are `privacy_governance.night`.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import Asset, Param, TriggerRule, dag, task

from governance_plugin import run_step

PRIVACY_ENFORCED = Asset("privacy_enforced", uri="governance://privacy_enforced")
TRANSIENT = {"retries": 2, "retry_delay": timedelta(seconds=20)}


@dag(
    schedule=[PRIVACY_ENFORCED],
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 0, "owner": "privacy"},
    params={
        "night": Param(
            None,
            type=["null", "string"],
            format="date",
            description="Night to publish; empty: the enforced one.",
        )
    },
    tags=["privacy"],
    doc_md=__doc__
    + """
Builds the release candidate, holds it to the policy, and swaps it in only if everything holds. A run whose validation
fails is red, and the release of the night before stays as it was. The report is written either way.
""",
)
def publish_research():
    """Publish what the night's validation lets through."""

    @task(**TRANSIENT, doc_md="Builds `research_candidate` from the rows that survived the purge.")
    def anonymize(**context):
        run_step("anonymize", context)

    @task(
        doc_md="Lists offenders in `audit.violation_*` and runs the Great Expectations suites. "
        "Fails, saying what to mend, when anything is not as it must be; trying again would not help.",
    )
    def validate(**context):
        run_step("validate", context)

    @task(**TRANSIENT, doc_md="Swaps the validated candidate for `research` in one transaction.")
    def publish(**context):
        run_step("publish", context)

    @task(
        **TRANSIENT,
        trigger_rule=TriggerRule.ALL_DONE,
        doc_md="Writes the auditor's page, for a refused night too.",
    )
    def report(**context):
        run_step("report", context)

    # Airflow judges a run by its last tasks, and the report succeeds after a refusal too: this one does not
    verdict = EmptyOperator(
        task_id="verdict", doc_md="Red when the night was refused, although its report was written."
    )

    published, reported = publish(), report()
    anonymize() >> validate() >> published >> reported >> verdict
    published >> verdict


publish_research()
