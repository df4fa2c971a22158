"""Every night: compile, trace, tag, tombstone, purge.

Wiring only; the steps are `privacy_governance.night`.
"""

from __future__ import annotations

from datetime import timedelta

import pendulum
from airflow.sdk import Asset, Param, dag, task

from governance_plugin import night_of, run_step

PRIVACY_ENFORCED = Asset(
    "privacy_enforced", uri="governance://privacy_enforced", extra={"what": "raw holds no doomed row"}
)
# the warehouse may be restarting or a lock may be held: worth two more tries
TRANSIENT = {"retries": 2, "retry_delay": timedelta(seconds=20)}


@dag(
    schedule="0 2 * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 0, "owner": "privacy"},
    params={
        "night": Param(
            None,
            type=["null", "string"],
            format="date",
            description="Night to govern; empty: the run's date.",
        )
    },
    tags=["privacy"],
    doc_md=__doc__
    + """
Deletes what must go before anybody else reads it, and says so in receipts. Nothing here publishes;
`publish_research` does, as soon as the asset `privacy_enforced` is updated. Safe to run again for the same night.
""",
)
def enforce_privacy():
    """Purge what tombstones and retention doom."""

    @task(
        task_id="compile",
        doc_md="Prepares schemas and roles, loads the policy's seeds, compiles every dbt model.",
    )
    def compile_(**context):
        run_step("compile", context)

    @task(doc_md="Turns each model's SQL into column edges: `governance.column_edges`.")
    def trace(**context):
        run_step("trace", context)

    @task(doc_md="Gives every column its categories and identifiability: `governance.column_tags`.")
    def tag(**context):
        run_step("tag", context)

    @task(
        **TRANSIENT,
        doc_md="Takes in requests and turns the verified ones into tombstones: `governance.tombstones`.",
    )
    def tombstone(**context):
        run_step("tombstone", context)

    @task(
        **TRANSIENT,
        outlets=[PRIVACY_ENFORCED],
        doc_md="Deletes doomed rows, each statement with its receipts: `governance.purge_receipts`. "
        "A purge killed half-way goes on where it was.",
    )
    def purge(*, outlet_events=None, **context):
        run_step("purge", context)
        outlet_events[PRIVACY_ENFORCED].extra = {"night": night_of(context).isoformat()}

    compile_() >> trace() >> tag() >> tombstone() >> purge()


enforce_privacy()
