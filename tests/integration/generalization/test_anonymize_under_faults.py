"""`anonymize` beside other sessions, killed, and on odd names and types: all of it is written, or nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from lib.patients import rows_of
from privacy_governance.errors import AnonymizationError
from privacy_governance.generalization.tables import Relation

WAITS = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


def wait_until(warehouse, query, expected):
    with warehouse.connect("watch", autocommit=True) as connection:
        for _ in range(600):
            if connection.execute(query).fetchone() == (expected,):
                return
            time.sleep(0.1)
    raise AssertionError(f"never so: {query} = {expected}")


def command(warehouse, folder, *options):
    return subprocess.Popen(
        [
            sys.executable, "-m", "privacy_governance", "anonymize", "public.patients", "--quasi", "age,city,sex",
            "--sensitive", "disease", "--hierarchies", str(folder), "--k", "5", "--into", "public.released", *options,
        ],
        env=os.environ | {"WAREHOUSE_URL": warehouse.url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def test_a_run_that_is_killed_leaves_the_former_table_and_nothing_else(patients, publish, folder):
    publish(k=10)
    before = rows_of(patients, "released")
    with patients.connect("read for long") as reader:
        reader.execute("select count(*) from released")
        running = command(patients, folder, "--replace")
        # it has counted, searched and measured, and waits for the reader to drop the former table
        wait_until(patients, WAITS, 1)
        running.send_signal(signal.SIGKILL)
        running.wait()
    others = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    wait_until(patients, others, 0)
    assert rows_of(patients, "released") == before
    with patients.connect("look") as connection:
        tables = connection.execute(
            "select relname::text from pg_class where relkind = 'r'"
            " and relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema')"
        )
        assert sorted(tables.fetchall()) == [("patients",), ("released",)]
    assert len(publish(k=5, replace=True)[1]) > 0


def test_of_two_runs_into_one_table_one_writes_it_and_the_other_says_so(patients, publish):
    refusals = []

    def second():
        try:
            publish(k=5)
        except AnonymizationError as error:
            refusals.append(str(error))

    with patients.connect("be the first run") as first:
        first.execute("create table released as select 'the first' as run")
        other = threading.Thread(target=second)
        other.start()
        wait_until(patients, WAITS, 1)
    other.join()
    assert refusals == ["public.released was made by another run meanwhile: not written. Give --replace to replace it."]
    assert rows_of(patients, "released") == [{"run": "the first"}]


def test_names_with_capitals_blanks_and_quotes_are_taken_as_they_are(patients, publish, tmp_path):
    with patients.connect("rename") as connection:
        connection.execute('create schema "Odd Place"')
        connection.execute('alter table patients rename column age to "Age in ""years"""')
        connection.execute('alter table patients rename column disease to "select"')
        connection.execute('alter table patients rename to "Pa\'tients"')
    (tmp_path / "hierarchies.yml").write_text("'Age in \"years\"': {numbers: [20, 89], widths: [10]}\n")
    done, rows = publish(
        k=5,
        source=Relation("public", "Pa'tients"),
        quasi=('Age in "years"',),
        sensitive=("select",),
        hierarchies=tmp_path,
    )
    assert done.measures.published_rows == len(rows) > 380
    assert set(rows[0]) == {'Age in "years"', "select"}


@pytest.mark.parametrize("recoding", ["global", "local"])
def test_days_instants_numbers_and_truth_values_are_generalized_by_their_own_text(
    patients, publish, judge, tmp_path, recoding
):
    with patients.connect("add columns") as connection:
        connection.execute(
            "alter table patients add born_on date, add weight numeric(5, 1), add is_insured boolean,"
            " add seen_at timestamptz"
        )
        connection.execute(
            "update patients set born_on = date '1950-01-31' + age * 200, weight = 50 + age / 10,"
            " is_insured = salary % 2000 = 0,"
            " seen_at = timestamptz '2026-01-31 23:30:00+00' + age % 3 * interval '1 day'"
        )
    (tmp_path / "hierarchies.yml").write_text(
        "born_on: {dates: [1950-01-01, 2005-12-31], by: [month, year, decade]}\nseen_at: {mask: 12}\n"
    )
    (tmp_path / "weight.csv").write_text("".join(f"{n}.0;{'light' if n < 55 else 'heavy'};*\n" for n in range(50, 60)))
    (tmp_path / "is_insured.csv").write_text("true;*\nfalse;*\n")
    quasi = ("born_on", "weight", "is_insured", "seen_at")
    done, rows = publish(k=6, quasi=quasi, hierarchies=tmp_path, recoding=recoding, suppression_limit=0.1)
    found, _, _ = judge([{name: row[name] for name in (*quasi, "disease")} for row in rows], quasi, ["disease"])
    assert found == done.measures.smallest_class >= 6
