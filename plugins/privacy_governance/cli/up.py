"""`govern up`: Airflow with its scheduler and UI, on this project's DAGs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import typer

from privacy_governance.cli.terminal import out
from privacy_governance.errors import StepError
from privacy_governance.keys import make_key, secret
from privacy_governance.orchestration import Orchestration
from privacy_governance.settings import settings
from privacy_governance.warehouse import open_warehouse


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(epilog="Example: govern up --port 8080")(up)


def up(*, port: int = typer.Option(8080, min=1, max=65535, help="Port of Airflow's UI on this machine.")) -> None:
    """Start the warehouse and Airflow: its UI, and the nightly schedule. Stop with Ctrl-C."""
    with open_warehouse(settings()) as warehouse:
        Orchestration(settings(), warehouse, secret(settings())).stand(port=port)
