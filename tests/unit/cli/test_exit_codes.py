"""Others script against the exit codes: 0 done, 1 violations block publishing, 2 cannot run."""

from __future__ import annotations

import subprocess
import sys

import pytest

COMMANDS = ("demo", "generate", "load", "nightly", "up", "report")


def govern(*arguments, **environment):
    command = [sys.executable, "-c", "from privacy_governance.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment or None)


def test_the_version_is_printed():
    assert govern("--version").stdout.startswith("govern 0.")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_has_an_example(command):
    shown = govern(command, "--help")
    assert shown.returncode == 0
    assert f"Example: govern {command}" in shown.stdout


@pytest.mark.parametrize("arguments", [["nope"], ["generate", "--users", "many"], ["nightly", "--date", "tonight"]])
def test_a_wrong_call_exits_with_2(arguments):
    assert govern(*arguments).returncode == 2


def test_a_warehouse_that_can_not_be_reached_exits_with_2_and_one_line(tmp_path):
    failed = govern(
        "nightly",
        WAREHOUSE_URL="postgresql://nobody@127.0.0.1:1/nowhere",
        GOVERN_KEY="a key that only this test uses",
        GOVERN_STATE_DIR=str(tmp_path / "state"),
    )
    assert failed.returncode == 2
    assert failed.stderr.startswith("govern: open the warehouse: can't reach PostgreSQL")
    assert failed.stderr.count("\n") == 1
    assert not (tmp_path / "state").exists(), "nothing half-done"
