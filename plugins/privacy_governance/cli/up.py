"""`govern up`: Airflow with its scheduler and UI, on this project's DAGs."""

from __future__ import annotations

from typing import Annotated

import typer

from privacy_governance.cli.terminal import out
from privacy_governance.settings import settings


def add_to(app: typer.Typer) -> None:
    """Add this module's command."""
    app.command(epilog="Example: govern up --port 8080")(up)


def up(
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of Airflow's UI on this machine.")] = 8080,
) -> None:
    """Start the warehouse and Airflow: its UI, and the nightly schedule at 02:00 UTC. Stop with Ctrl-C."""
    from privacy_governance.keys import secret
    from privacy_governance.orchestration import Orchestration
    from privacy_governance.warehouse import open_warehouse

    with open_warehouse(settings()) as warehouse:
        orchestration = Orchestration(settings(), warehouse, secret(settings()))
        orchestration.prepare()
        out.print(f"Airflow's UI: http://localhost:{port}   (Ctrl-C stops it)")
        out.print(f"user admin, password in {orchestration.password_file}")
        out.print(f"log: {orchestration.standalone_log}")
        orchestration.stand(port=port)
