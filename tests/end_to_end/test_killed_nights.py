"""A night killed anywhere and run again ends where an undisturbed one ends."""

from __future__ import annotations

import os
import random
import time
from contextlib import suppress

import psutil
import pytest

from lib.checkouts import check_out
from lib.contents import contents, differences
from lib.databases import copy_of
from lib.nights import ON

# the seed is printed with a failure; another one tries other points
SEED = int(os.environ.get("GOVERN_KILL_SEED", "20260301"))
# dbt writes the database's name into the SQL that is traced: both nights run under the same one, in turn
NAME = "test_killed_night"
POINTS = ("compile", "tombstone", "purge", "anonymize", "validate")


@pytest.fixture(scope="module", autouse=True)
def one_salt():
    """Research tokens are the same in both nights only with the same salt."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GOVERN_RESEARCH_SALT", "a salt that both of these nights use")
        yield


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, server_url, mended):
    """What a warehouse holds after a night that nobody killed."""
    with copy_of(server_url, mended, name=NAME) as warehouse:
        project = check_out(tmp_path_factory.mktemp("undisturbed") / "checkout", warehouse)
        night = project.govern("nightly", "--date", str(ON))
        assert night.returncode == 0, night.stdout + night.stderr
        return contents(warehouse)


@pytest.fixture(scope="module")
def mended(server_url, generated):
    """A generated warehouse whose every column is declared."""
    with copy_of(server_url, generated) as warehouse:
        with warehouse.connect("drop the undeclared column") as connection:
            connection.execute("alter table raw.users drop column favorite_team")
        yield warehouse


def test_a_night_killed_at_a_random_point_ends_in_the_same_state_as_an_undisturbed_one(
    tmp_path, server_url, mended, undisturbed
):
    chance = random.Random(SEED)
    with copy_of(server_url, mended, name=NAME) as warehouse:
        project = check_out(tmp_path / "checkout", warehouse)
        kill_after(project, chance.choice(POINTS), seconds=chance.uniform(0, 2))
        night = project.govern("nightly", "--date", str(ON))
        assert night.returncode == 0, f"seed {SEED}: {night.stdout}{night.stderr}"
        after = contents(warehouse)
    different = differences(undisturbed, after)
    assert not different, f"seed {SEED}:\n" + "\n".join(different)


def kill_after(project, step, *, seconds):
    """Start a night, and kill all of its processes some time after `step` was done."""
    progress = project.folder / ".govern" / "nights" / str(ON) / "progress.jsonl"
    progress.unlink(missing_ok=True)
    running = project.start("nightly", "--date", str(ON))
    while running.poll() is None and not (progress.exists() and f'"{step}"' in progress.read_text()):
        time.sleep(0.05)
    time.sleep(seconds)
    # Airflow gives each task a process group of its own: the whole tree dies, as when the machine does
    with suppress(psutil.NoSuchProcess):
        started = psutil.Process(running.pid)
        for process in (started, *started.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                process.kill()
    running.wait()
