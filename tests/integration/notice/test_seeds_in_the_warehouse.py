"""dbt loads the taxonomy's seeds, refuses spoiled ones, and SQL over them yields the published chart."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from privacy_governance.categories import Aspect, load_taxonomy
from privacy_governance.categories.loading import SHAPES
from privacy_governance.notice import published_chart
from privacy_governance.settings import CHECKOUT

PROJECT = """
name: privacy_governance
profile: privacy_governance
seed-paths: [seeds]
flags: { send_anonymous_usage_stats: false, require_generic_test_arguments_property: true }
seeds: { privacy_governance: { +schema: governance } }
"""

# the chart as of a day, one row per category, from nothing but the loaded seeds
CHART = """
select category.label, cell.aspect, array_agg(cell.printed_as order by cell.position)
from governance.notice_categories as category
join governance.notice_disclosures as cell using (notice_category)
where %(day)s >= cell.valid_from and (cell.valid_to is null or %(day)s < cell.valid_to)
group by category.label, cell.aspect
"""


@pytest.fixture
def project(tmp_path):
    """A dbt project of the taxonomy's seeds alone, to load or to spoil."""
    shutil.copytree(CHECKOUT / "dbt_project" / "seeds", tmp_path / "seeds")
    named = {shape.file for shape in SHAPES} | {"_categories__seeds.yml"}
    for path in (tmp_path / "seeds").iterdir():
        if path.name not in named:
            path.unlink()
    shutil.copy(CHECKOUT / "dbt_project" / "profiles.yml", tmp_path)
    shutil.copytree(CHECKOUT / "dbt_project" / "macros", tmp_path / "macros", ignore=all_but_schema_names)
    (tmp_path / "dbt_project.yml").write_text(PROJECT)
    return tmp_path


def all_but_schema_names(folder, names):
    return [name for name in names if name != "generate_schema_name.sql"]


def build(project, warehouse):
    """Run `dbt build`; return the names of what did not pass."""
    dbt = Path(sys.executable).with_name("dbt")
    done = subprocess.run(
        [dbt, "build", "--project-dir", project, "--profiles-dir", project],
        env={**os.environ, **warehouse.dbt_environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    results = json.loads((project / "target" / "run_results.json").read_text())["results"]
    failed = {r["unique_id"].split(".")[2] for r in results if r["status"] not in {"pass", "success"}}
    assert (done.returncode == 0) == (not failed)
    return failed


def test_the_seeds_load_pass_their_tests_and_regenerate_the_chart_in_sql(project, warehouse):
    assert build(project, warehouse) == set()
    with warehouse.connect("read the chart") as connection:
        rows = connection.execute(CHART, {"day": date(2026, 11, 23)}).fetchall()
        types = connection.execute(
            "select distinct data_type from information_schema.columns"
            " where table_schema = 'governance' and column_name in ('valid_from', 'valid_to')"
        ).fetchall()
    chart = published_chart(load_taxonomy(project, on=date(2026, 11, 23)))
    assert {(label, aspect): cell for label, aspect, cell in rows} == {
        (row.label, aspect.value): [entry.label for entry in row.cells[aspect]]
        for row in chart.rows
        for aspect in Aspect
    }
    assert types == [("date",)]


def test_a_row_given_twice_fails_in_every_seed(project, warehouse):
    for shape in SHAPES:
        path = project / "seeds" / shape.file
        path.write_text(path.read_text() + path.read_text().splitlines()[-1] + "\n")
    failed = build(project, warehouse)
    assert {f"{shape.name}_holds_no_row_twice" for shape in SHAPES} <= failed


def test_a_disclosure_of_what_no_seed_holds_fails(project, warehouse):
    path = project / "seeds" / "notice_disclosures.csv"
    text = path.read_text()
    for aspect, member in (
        ("source", "you"),
        ("purpose", "marketing"),
        ("party", "service_providers"),
        ("pi_kind", "device_data"),
    ):
        assert f",{aspect},{member}," in text
        text = text.replace(f",{aspect},{member},", f",{aspect},{member}_x,", 1)
    path.write_text(text)
    failed = build(project, warehouse)
    targets = {"sources", "purposes", "parties", "pi_kinds"}
    assert {t for t in targets if any(f.endswith(f"ref_{t}_") for f in failed)} == targets
    assert len(failed) == 4
