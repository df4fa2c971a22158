"""Run the DAGs with Airflow's own command line, in a home of this project's own, and follow their progress."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from privacy_governance import progress
from privacy_governance.errors import StepError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from privacy_governance.settings import Settings
    from privacy_governance.warehouse import Warehouse

POLL_SECONDS = 0.1
STOP_SECONDS = 20
# each DAG in the order they run, with the step that it ends with
LAST_STEPS = {"enforce_privacy": "purge", "publish_research": "report"}


@dataclass(frozen=True)
class Orchestration:
    """Airflow, configured for this project by its environment alone."""

    settings: Settings
    warehouse: Warehouse
    key: str

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every Airflow process: where things are, the warehouse, the key."""
        home = self.settings.state / "airflow"
        return {
            **os.environ,
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.settings.dags),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(self.settings.project_dir / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__PARALLELISM": "4",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",  # the nightly schedule is what `govern up` is for
            # scheduler and API server start together: a night that is due by then waits for the server, for minutes
            "AIRFLOW__WORKERS__EXECUTION_API_RETRIES": "10",
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "WAREHOUSE_URL": self.warehouse.url,
            "GOVERN_KEY": self.key,
            "GOVERN_PROJECT_DIR": str(self.settings.project_dir),
            "GOVERN_STATE_DIR": str(self.settings.state),
            # a traceback or a warning must not open a browser, a pager or a network connection
            "DO_NOT_TRACK": "1",
        }

    def prepare(self) -> None:
        """Create or upgrade Airflow's own database, unless this version of Airflow already has.

        Raises:
            StepError: Airflow could not; names the log.

        """
        home = self.settings.state / "airflow"
        home.mkdir(parents=True, exist_ok=True)
        log, migrated = home / "migrate.log", home / f"migrated-by-{version('apache-airflow')}"
        if migrated.exists():
            return
        with log.open("w") as output:
            code = subprocess.run(
                _airflow("db", "migrate"), env=self.environment, stdout=output, stderr=output, check=False
            ).returncode
        if code != 0:
            raise StepError(f"Airflow could not prepare its database. Read {log}; delete {home} to start afresh.")
        migrated.touch()

    @property
    def password_file(self) -> Path:
        """Where Airflow writes the password that it makes for its admin."""
        return self.settings.state / "airflow" / "simple_auth_manager_passwords.json.generated"

    @property
    def standalone_log(self) -> Path:
        """What scheduler, API server and the rest print."""
        return self.settings.state / "airflow" / "standalone.log"

    def stand(self, *, port: int) -> None:
        """Run scheduler, DAG processor, triggerer and API server until interrupted.

        Raises:
            StepError: Airflow ended by itself; names its log.

        """
        address = f"http://localhost:{port}"
        environment = self.environment | {
            "AIRFLOW__API__HOST": "127.0.0.1",  # its own default listens to the whole network
            "AIRFLOW__API__PORT": str(port),
            "AIRFLOW__API__BASE_URL": address,
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        }
        with (
            self.standalone_log.open("w") as output,
            subprocess.Popen(
                _airflow("standalone"), env=environment, stdout=output, stderr=output, start_new_session=True
            ) as process,
        ):
            try:
                code = process.wait()
            except KeyboardInterrupt:
                _stop_group(process)
                return
        raise StepError(f"Airflow ended by itself (exit {code}). Read {self.standalone_log}.")

    def run_night(self, on: date, *, tell: Callable[[progress.Progress], None]) -> Path:
        """Run both DAGs for the night `on`, one after the other, and return their log.

        The second runs only after the first succeeded. A refusal is not an error here: the warehouse knows the verdict.

        Raises:
            StepError: a DAG ended before its last step; says which, and where the log is.

        """
        folder = self.settings.nights / on.isoformat()
        folder.mkdir(parents=True, exist_ok=True)
        log, file = folder / "airflow.log", self.settings.progress_of(on.isoformat())
        file.unlink(missing_ok=True)
        script = self.settings.project_dir / "plugins" / "governance_nights.py"
        command = [sys.executable, str(script), on.isoformat(), *LAST_STEPS]
        self._follow(command, log, file, tell)
        for dag, step in LAST_STEPS.items():
            if _finished(file, step):
                continue
            stopped = _stopped(file)
            if stopped is None:
                raise StepError(f"{dag} did not finish. Its log is {log}; what is done stays done: run it again.")
            raise StepError(
                f"{dag} stopped at {stopped}, which says why above; its log is {log}. What is done stays done: mend "
                "that, then run it again."
            )
        return log

    def _follow(self, command: list[str], log: Path, file: Path, tell: Callable[[progress.Progress], None]) -> None:
        offset = 0
        environment = self.environment | {progress.FILE_VARIABLE: str(file)}
        with (
            log.open("w") as output,
            subprocess.Popen(command, env=environment, stdout=output, stderr=output) as process,
        ):
            ended = False
            try:
                while not ended:
                    ended = process.poll() is not None
                    for line, after in progress.read(file, offset=offset):
                        offset = after
                        tell(line)
                    time.sleep(POLL_SECONDS)
            except BaseException:
                process.terminate()  # else leaving the block would wait for the night's end
                raise


def _stop_group(process: subprocess.Popen[bytes]) -> None:
    """Stop a process and all it started: Airflow's own end leaves its servers running."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=STOP_SECONDS)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _airflow(*arguments: str) -> list[str]:
    return [str(Path(sys.executable).parent / "airflow"), *arguments]


def _finished(file: Path, step: str) -> bool:
    lines = [line for line, _ in progress.read(file, offset=0) if line.step == step]
    return bool(lines) and not lines[-1].message.startswith(progress.STOPPED)


def _stopped(file: Path) -> str | None:
    """Return the step that the night ended with, where it said so itself."""
    lines = [line for line, _ in progress.read(file, offset=0)]
    return lines[-1].step if lines and lines[-1].message.startswith(progress.STOPPED) else None
