"""What Airflow itself must know of the package: how a task runs a step, and which night it runs for."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from airflow.plugins_manager import AirflowPlugin
from airflow.sdk.exceptions import AirflowFailException

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


class GovernancePlugin(AirflowPlugin):
    """Registers this file with Airflow; it adds nothing to the UI yet."""

    name = "privacy_governance"


def night_of(context: Context) -> date:
    """Return the night a run is for: its `night` param, else the enforced night that triggered it, else its date."""
    asked = context["params"].get("night")
    if asked:
        return date.fromisoformat(asked)
    events: Any = context.get("triggering_asset_events") or {}
    enforced = [event.extra["night"] for batch in events.values() for event in batch if "night" in event.extra]
    if enforced:
        return date.fromisoformat(max(enforced))
    run = context["dag_run"]
    return (run.logical_date or run.run_after).date()


def run_step(name: str, context: Context) -> None:
    """Run one step of the night; only what a second try may mend is left to Airflow's retries.

    Raises:
        WarehouseError: the warehouse did not answer or was busy; Airflow tries again.
        AirflowFailException: any other reason; says what, where and the fix.

    """
    # a DAG file is parsed every few seconds: dbt and Great Expectations are imported by the task, not by the parser
    from privacy_governance.errors import GovernanceError, WarehouseError  # noqa: PLC0415
    from privacy_governance.night import run_step as run  # noqa: PLC0415

    try:
        run(name, on=night_of(context))
    except WarehouseError:
        raise
    except GovernanceError as error:
        raise AirflowFailException(str(error)) from None
