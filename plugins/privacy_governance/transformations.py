"""Run dbt in this process, without letting a row's value reach its console, its log or its artifacts."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dbt.cli.main import dbtRunner, dbtRunnerResult

from privacy_governance.environment import changed_environment
from privacy_governance.errors import StepError
from privacy_governance.manifest import COMPILED
from privacy_governance.warehouse.connection import session_options

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from privacy_governance.settings import Settings
    from privacy_governance.warehouse import Warehouse

# dbt repeats PostgreSQL's message, and PostgreSQL's message may repeat a value
WITHHELD = "withheld: it may quote a row; run the node's SQL from target/run by hand to see it"
FAILED = frozenset({"error", "fail", "runtime error"})


@dataclass(frozen=True)
class NodeResult:
    """What became of one dbt node."""

    name: str
    status: str
    seconds: float
    failures: int | None


@dataclass(frozen=True)
class Transformations:
    """The dbt project, run against one warehouse with one night's session settings."""

    settings: Settings
    warehouse: Warehouse
    session: Mapping[str, str]

    def run(self, command: str, *selection: str) -> tuple[NodeResult, ...]:
        """Run one dbt command (`docs generate`) over the nodes that `selection` names; all of them when it names none.

        Raises:
            StepError: dbt stopped or a node failed; names nodes and files, never a row's value.

        """
        project = str(self.settings.dbt_project)
        arguments = [*command.split(), "--project-dir", project, "--profiles-dir", project, "--quiet"]
        arguments += ["--log-level", "none", "--log-level-file", "none", "--no-version-check"]
        arguments += ["--select", *selection] if selection else []
        with changed_environment(self._environment()):
            outcome = dbtRunner().invoke(arguments)
        if outcome.exception is not None:
            raise StepError(f"dbt {command}: {_first_line(outcome.exception)}")
        results = tuple(_node_results(outcome))
        failed = [result for result in results if result.status in FAILED]
        if failed:
            withhold_messages(self.settings.dbt_project / "target" / "run_results.json")
            names = ", ".join(result.name for result in failed)
            raise StepError(f"dbt {command} failed in {names}. The message is {WITHHELD}.")
        return results

    def compile_all(self) -> tuple[NodeResult, ...]:
        """Compile every node, and keep the manifest that holds all of their SQL."""
        # One thread, which is as fast: of two that ask for a source first, dbt's cache tells one that some of its
        # schema's tables are not there, and their rows would be missing from the SQL. No hook runs before a compile
        # (see list_source_schemas.sql for those of a run).
        results = self.run("compile --threads 1")
        target = self.settings.dbt_project / "target"
        unfinished = target / f"{COMPILED}.unfinished"
        shutil.copyfile(target / "manifest.json", unfinished)
        unfinished.rename(target / COMPILED)
        return results

    def _environment(self) -> dict[str, str]:
        return self.warehouse.dbt_environment() | {"PGOPTIONS": session_options(self.session)}


def withhold_messages(run_results: Path) -> None:
    """Remove from dbt's `run_results.json` every message of a failed node."""
    if not run_results.is_file():
        return
    artifact = json.loads(run_results.read_text())
    for result in artifact["results"]:
        if result["status"] in FAILED:
            result["message"] = WITHHELD
            result["adapter_response"] = {}
    run_results.write_text(json.dumps(artifact))


def _node_results(outcome: dbtRunnerResult) -> Iterator[NodeResult]:
    for node in getattr(outcome.result, "results", None) or ():
        yield NodeResult(node.node.name, str(node.status), node.execution_time, node.failures)


def _first_line(exception: BaseException) -> str:
    text = " ".join(str(exception).split())
    return text if "atabase Error" not in text else f"a statement failed; its message is {WITHHELD}"
