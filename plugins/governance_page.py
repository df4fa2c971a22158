"""The Governance page of Airflow's UI: reports by night, and Data Docs, for whoever may see the DAG that makes them.

Loaded by the API server alone (see `governance_plugin`); what it shows is made by `privacy_governance.pages`.
"""

from __future__ import annotations

from datetime import date  # noqa: TC003 -- FastAPI reads the annotations when it runs
from typing import TYPE_CHECKING, Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagDetails
from airflow.api_fastapi.core_api.security import GetUserDep  # noqa: TC002
from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.responses import FileResponse, HTMLResponse

from privacy_governance.pages import docs_file, docs_site, media_type, night_file, page_of_nights, read_nights
from privacy_governance.settings import settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from starlette.responses import Response

# who may read this DAG in Airflow may read what it writes
WRITES_REPORTS = "publish_research"
# pages bring their styles along, and nothing else: no script, no address but their own, no frame but Airflow's
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}


def require_reader(user: GetUserDep) -> None:
    """Let users pass who may read the DAG; without a login Airflow has answered 401 already."""
    details = DagDetails(id=WRITES_REPORTS)
    if not get_auth_manager().is_authorized_dag(method="GET", details=details, user=user):
        raise HTTPException(403, f"Reading the DAG {WRITES_REPORTS} is not allowed to you. Ask an Airflow admin.")


# no generated documentation: it would stand outside the login
app = FastAPI(
    title="Governance",
    dependencies=[Depends(require_reader)],
    docs_url=None,
    redoc_url=None,
    openapi_url=None,
)


@app.middleware("http")
async def add_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Give every answer, refusals too, the headers that keep it to itself."""
    response = await call_next(request)
    response.headers.update(HEADERS)
    return response


@app.get("/")
def nights(before: Annotated[date | None, Query()] = None) -> HTMLResponse:
    """List nights with their verdict, the newest first."""
    entries, older = read_nights(settings().nights, before=before.isoformat() if before else None)
    has_docs = docs_file(docs_site(settings().expectations), "index.html") is not None
    return HTMLResponse(page_of_nights(entries, older=older, has_docs=has_docs))


@app.get("/nights/{night}/{name}")
def report(night: str, name: str) -> FileResponse:
    """Serve a night's report."""
    return _served(night_file(settings().nights, night, name), f"There is no report {name} of a night {night}.")


@app.get("/data-docs/{path:path}")
def data_docs(path: str) -> FileResponse:
    """Serve a page of Data Docs."""
    return _served(docs_file(docs_site(settings().expectations), path), "There is no such page in Data Docs.")


def _served(file: Path | None, missing: str) -> FileResponse:
    if file is None:
        raise HTTPException(404, missing)
    return FileResponse(file, media_type=media_type(file))
