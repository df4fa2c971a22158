"""What Airflow itself must know of the package: its page in the UI, how a task runs a step, and for which night."""

from __future__ import annotations

import logging
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin
from airflow.sdk.exceptions import AirflowFailException

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from airflow.sdk.definitions.context import Context

    from privacy_governance.errors import GovernanceError

log = logging.getLogger(__name__)

PREFIX = "/governance"


def page_address(path: str = "/") -> str:
    """Return an address of the Governance page, as `[api] base_url` makes it."""
    return f"{conf.get('api', 'base_url', fallback='').rstrip('/')}{PREFIX}{path}"


async def page(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None:
    """Serve the Governance page."""
    # every parser, scheduler and task imports this file: the API's modules are for the one process that serves them
    from governance_page import app  # noqa: PLC0415

    await app(scope, receive, send)


class GovernancePlugin(AirflowPlugin):
    """Adds the Governance page to Airflow's UI, behind its login."""

    name = "privacy_governance"
    fastapi_apps = [{"app": page, "url_prefix": PREFIX, "name": "Governance"}]  # noqa: RUF012 -- Airflow's interface
    external_views = [  # noqa: RUF012
        {
            "name": "Governance",
            "href": urlsplit(page_address()).path,
            "destination": "nav",
            "url_route": "governance",
            "nav_top_level": True,
        }
    ]


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
        _tell(error, night_of(context))
        raise AirflowFailException(str(error).split("\n", 1)[0]) from None


def _tell(error: GovernanceError, night: date) -> None:
    """Write what is wrong to the task's log, a line each: its page shows an exception's own lines run together."""
    for line in str(error).splitlines():
        log.error(line)
    log.error("The night's report, once it is written: %s", page_address(f"/nights/{night}/report.html"))
