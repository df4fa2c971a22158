"""What Airflow's tasks and DAGs cost a night: ours, beside the same steps as one task, and an empty DAG.

Run by hand on a governed demo (`make demo` first): `python tests/benchmarks/bench_orchestration.py`. With
`--cosmos PYTHON`, the interpreter of an environment that also has astronomer-cosmos, it times one dbt run of the
project as cosmos renders it (a task a model), beside one task that runs dbt.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from privacy_governance.keys import read_keys, secret
from privacy_governance.orchestration import Orchestration
from privacy_governance.settings import settings
from privacy_governance.warehouse import open_warehouse
from privacy_governance.warehouse.connection import session_options

HEAD = """
from __future__ import annotations
import pendulum
from airflow.sdk import dag, task
START = pendulum.datetime(2026, 1, 1)
"""
EMPTY = """
@dag(schedule=None, start_date=START)
def empty():
    @task
    def nothing(): ...
    nothing()
empty()
"""
ONE_TASK = """
@dag(schedule=None, start_date=START, params={"night": ""})
def one_task():
    @task
    def night(**context):
        from datetime import date
        from privacy_governance.night import STEPS, run_step
        for name in STEPS:
            run_step(name, on=date.fromisoformat(context["params"]["night"]))
    night()
one_task()
"""
ONE_DBT_RUN = """
@dag(schedule=None, start_date=START)
def one_dbt_run():
    @task
    def run():
        from dbt.cli.main import dbtRunner
        arguments = ["run", "--project-dir", PROJECT, "--profiles-dir", PROJECT, "--quiet"]
        assert dbtRunner().invoke(arguments).success
    run()
one_dbt_run()
"""
COSMOS = """
from cosmos import DbtDag, ExecutionConfig, ExecutionMode, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import InvocationMode, LoadMode, TestBehavior
cosmos_local_in_process = DbtDag(
    dag_id="cosmos_local_in_process", schedule=None, start_date=START,
    project_config=ProjectConfig(dbt_project_path=PROJECT, manifest_path=PROJECT + "/target/manifest.json"),
    profile_config=ProfileConfig(
        profile_name="privacy_governance", target_name="warehouse", profiles_yml_filepath=PROJECT + "/profiles.yml"
    ),
    execution_config=ExecutionConfig(execution_mode=ExecutionMode.LOCAL, invocation_mode=InvocationMode.DBT_RUNNER),
    render_config=RenderConfig(
        load_method=LoadMode.DBT_MANIFEST, test_behavior=TestBehavior.NONE, select=["resource_type:model"]
    ),
)
"""


def seconds(command, environment):
    """Run a command to its end and return how long it took; its output goes to a file that a failure names."""
    with tempfile.NamedTemporaryFile("w", suffix=".log", delete=False) as log:
        started = time.perf_counter()
        code = subprocess.run(command, env=environment, stdout=log, stderr=log, check=False).returncode
    if code != 0:
        sys.exit(f"{command} failed, see {log.name}")
    return time.perf_counter() - started


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--runs", type=int, default=3)
    arguments.add_argument("--cosmos", help="interpreter of an environment with astronomer-cosmos")
    asked = arguments.parse_args()
    night = datetime.now(UTC).date().isoformat()
    with open_warehouse(settings()) as warehouse, tempfile.TemporaryDirectory() as folder:
        orchestration = Orchestration(settings(), warehouse, secret(settings()))
        orchestration.prepare()
        project = f'PROJECT = "{settings().dbt_project}"\n'
        dags = {"empty": EMPTY, "one_task": ONE_TASK}
        if asked.cosmos:
            dags |= {"one_dbt_run": project + ONE_DBT_RUN}
            dags |= {"cosmos_local_in_process": project + COSMOS}
        for name, text in dags.items():
            (Path(folder) / f"{name}.py").write_text(HEAD + text)
        session = {"timezone": "UTC", "governance.night": night, **read_keys(settings()).session()}
        environment = orchestration.environment | warehouse.dbt_environment()
        environment |= {"PGOPTIONS": session_options(session), "AIRFLOW__CORE__DAGS_FOLDER": folder}
        python = asked.cosmos or sys.executable
        measured = {}
        for _ in range(asked.runs):
            for name in dags:
                command = [python, "-m", "airflow", "dags", "test", name, night]
                command += ["--conf", f'{{"night": "{night}"}}'] if name == "one_task" else []
                measured.setdefault(name, []).append(seconds(command, environment))
            ours = [sys.executable, "-m", "privacy_governance", "nightly", "--date", night]
            measured.setdefault("ours: two DAGs, nine tasks", []).append(seconds(ours, orchestration.environment))
    base = statistics.median(measured["one_task"])
    print(f"{'form':<30} {'median s':>9} {'min':>7} {'max':>7} {'÷ one task':>11}")
    for name, times in measured.items():
        middle = statistics.median(times)
        print(f"{name:<30} {middle:>9.1f} {min(times):>7.1f} {max(times):>7.1f} {middle / base:>11.2f}")


if __name__ == "__main__":
    main()
