"""A copy of the project in a folder of its own, so that a test's runs leave no trace in the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from privacy_governance.settings import CHECKOUT, Settings
from privacy_governance.warehouse import Warehouse

PARTS = ("dags", "dbt_project", "expectations", "plugins")
LEFT_BEHIND = shutil.ignore_patterns("target", "uncommitted", "__pycache__", "*.egg-info")
KEY = "a key that only these tests use"
# the same in every checkout, so that two warehouses can be compared by their contents
SALT = "a salt that only these tests use"


@dataclass(frozen=True)
class Checkout:
    """A copy of the project, governing one warehouse."""

    folder: Path
    warehouse: Warehouse
    key: str = KEY

    @property
    def settings(self) -> Settings:
        """Settings of a process that runs in this checkout."""
        return Settings(
            warehouse_url=self.warehouse.url,
            govern_key=self.key,
            research_salt=SALT,
            project_dir=self.folder,
            state_dir=self.folder / ".govern",
        )

    @property
    def environment(self) -> dict[str, str]:
        """Environment in which `govern` runs on this checkout."""
        return {
            **os.environ,
            "WAREHOUSE_URL": self.warehouse.url,
            "GOVERN_KEY": self.key,
            "GOVERN_RESEARCH_SALT": SALT,
            "GOVERN_PROJECT_DIR": str(self.folder),
            "GOVERN_STATE_DIR": str(self.folder / ".govern"),
        }

    def govern(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `govern` to its end."""
        return subprocess.run(
            [*GOVERN, *arguments], env=self.environment, capture_output=True, text=True, check=False, cwd=self.folder
        )

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start `govern` in a process group of its own, so that a test can kill all of it."""
        return subprocess.Popen(
            [*GOVERN, *arguments],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd=self.folder,
        )


GOVERN = (sys.executable, "-m", "privacy_governance")


def check_out(folder: Path, warehouse: Warehouse) -> Checkout:
    """Copy the project into `folder`."""
    for part in PARTS:
        shutil.copytree(CHECKOUT / part, folder / part, ignore=LEFT_BEHIND)
    return Checkout(folder, warehouse)


def lay_over(checkout: Checkout, project: Path) -> None:
    """Copy another dbt project's files over the checkout's; a seed that both have gains the other's rows."""
    for file in sorted(path for path in project.rglob("*") if path.is_file()):
        target = checkout.settings.dbt_project / file.relative_to(project)
        if target.suffix == ".csv" and target.exists():
            header, *rows = file.read_text().splitlines(keepends=True)
            before = target.read_text()
            assert before.startswith(header), f"{file.name} has other columns than the project's"
            target.write_text(before + "".join(rows))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
