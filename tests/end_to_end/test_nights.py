"""Nights through Airflow, in the order a warehouse lives them: refused, mended, published, repeated, and on."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from lib.checkouts import SALT
from lib.contents import contents, differences
from lib.logins import login
from lib.nights import ON
from lib.personal_values import files_that_hold, personal_values
from privacy_governance.keys import Keys

TOMORROW = ON + timedelta(days=1)


def ask(project, query, parameters=None):
    with project.warehouse.connect("look") as connection:
        return connection.execute(query, parameters).fetchall()


@pytest.fixture(scope="module")
def values(project):
    """Personal values as `raw` holds them before any night."""
    return personal_values(project.warehouse)


@pytest.fixture(scope="module")
def asked(project):
    """Somebody whose verified request the first night carries out: to be deleted, and to stay away."""
    return ask(
        project,
        "select r.user_id from raw.privacy_requests as r join raw.users as u on u.id = r.user_id"
        " where r.verified_at is not null and r.regulation_type = 'SUPPRESS_WITH_DELETE'"
        " and r.user_id not in (select user_id from raw.legal_holds where user_id is not null)"
        " order by 1 limit 1",
    )[0][0]


@pytest.fixture(scope="module")
def refused(project, values, asked):
    """The first night: one column of raw is undeclared, and the desk's table is of a version that had one fewer."""
    with project.warehouse.connect("a desk that began when holds named no device") as connection:
        connection.execute("alter table raw.legal_holds drop column device_id")
    return project.govern("nightly", "--date", str(ON))


@pytest.fixture(scope="module")
def published(project, refused):
    """The night again, after the column's owner dropped it."""
    with project.warehouse.connect("drop the undeclared column") as connection:
        connection.execute("alter table raw.users drop column favorite_team")
    return project.govern("nightly", "--date", str(ON))


def test_an_undeclared_column_blocks_publishing_and_the_night_says_where_to_tag_it(project, refused):
    assert refused.returncode == 1, refused.stderr
    assert "raw.users.favorite_team has no ccpa_category" in refused.stdout
    assert "_segment__sources.yml" in refused.stdout
    assert ask(project, "select count(*) from pg_tables where schemaname = 'research'") == [(0,)]


def test_a_refused_night_purges_all_the_same(project, refused, asked):
    assert ask(project, "select count(*) from raw.tracks where user_id = %s", [asked]) == [(0,)]
    assert ask(project, "select count(*) > 0 from governance.purge_receipts") == [(True,)]


def test_airflow_s_own_run_is_red_when_the_night_was_refused(project, refused):
    log = (project.folder / ".govern" / "nights" / str(ON) / "airflow.log").read_text()
    assert "DagRun failed" in log


def test_the_mended_night_publishes(project, published):
    assert published.returncode == 0, published.stdout + published.stderr
    assert "published" in published.stdout
    assert ask(project, "select count(*) > 100 from research.research_users") == [(True,)]


def test_the_report_says_so_as_a_page_and_as_json(project, published):
    folder = project.folder / ".govern" / "nights" / str(ON)
    assert json.loads((folder / "report.json").read_text())["verdict"] == "published"
    assert "published" in (folder / "report.html").read_text().lower()


def test_an_auditor_who_runs_the_report_s_queries_gets_its_figures(project, published):
    """What the page shows of the warehouse, asked again by a login that has no right but an auditor's."""
    facts = json.loads((project.folder / ".govern" / "nights" / str(ON) / "report.json").read_text())
    shown = {name: each for name, each in facts.items() if isinstance(each, dict) and each.get("sql")}
    assert len(shown) >= 30
    assert [each["missing"] for each in shown.values() if each["missing"]] == []
    # only what the page says beside the warehouse is in the dbt project: the rules' words, the chart's other side
    told_otherwise = {"rules", "chart"}
    session = f"-c timezone=UTC -c governance.night={ON}"
    with login(project.warehouse, member_of=["auditor"]) as url, psycopg.connect(url, options=session) as auditor:
        for name, figures in shown.items():
            rows = auditor.execute(figures["sql"].encode()).fetchall()
            if name in told_otherwise:
                assert len(rows) == len(figures["rows"]), name
            else:
                assert as_json(rows) == as_json(list(each.values()) for each in figures["rows"]), name
        for rule in facts["rules"]["rows"]:
            found = auditor.execute(rule["sql"].encode()).fetchall()
            assert as_json(found) == as_json(each.values() for each in rule["first"]), rule["name"]


def as_json(rows):
    return json.loads(json.dumps([list(row) for row in rows], default=lambda value: value.isoformat()))


def test_the_night_measured_what_it_published(project, published):
    measured = ask(project, "select relation, count(*) from governance.release_measures group by 1 order by 1")
    names = ("research_events", "research_survey_responses", "research_users")
    assert measured == [(f"research_candidate.{name}", 19) for name in names]
    found = ask(
        project,
        "select measure, value from governance.release_measures where night = %s"
        " and relation = 'research_candidate.research_users' and measure in ('published_rows', 'smallest_class')"
        " order by 1",
        [ON],
    )
    expected = ask(
        project,
        "select sum(size)::float8, min(size)::float8 from (select count(*) as size from research.research_users"
        " group by country_code, plan, age_band, is_marketing_opted_in) as class",
    )[0]
    assert found == list(zip(("published_rows", "smallest_class"), expected, strict=True))


def test_the_same_night_again_changes_nothing(project, published):
    before = contents(project.warehouse)
    again = project.govern("nightly", "--date", str(ON))
    assert again.returncode == 0, again.stdout + again.stderr
    assert not differences(before, contents(project.warehouse))


def written_by_the_nights(project):
    """Report, logs, Airflow's database; compiled SQL and dbt's artifacts; suites, results and Data Docs."""
    return [project.folder / ".govern", project.folder / "dbt_project" / "target", project.folder / "expectations"]


def test_no_personal_value_of_raw_stands_in_what_the_nights_wrote(project, published, values):
    assert len(values) > 1000
    assert files_that_hold(values, written_by_the_nights(project)) == {}


def test_no_key_stands_in_what_the_nights_wrote(project, published):
    """Keys reach SQL as settings of a session alone: no statement that is compiled, logged or counted has one."""
    keys = Keys.derive(project.key, salt=SALT)
    secret = [each.encode() for each in (project.key, SALT, *keys.session().values())]
    assert len(secret) == 8
    assert files_that_hold(secret, written_by_the_nights(project)) == {}


def test_a_deleted_subject_never_returns(project, published, asked):
    """Late rows come in after the deletion: the next night drops them, and no release ever holds their subject."""
    with project.warehouse.connect("load late rows") as connection:
        connection.execute(
            "insert into raw.users (id, email, received_at, created_at, birthday, address_country, plan)"
            " select %s, 'back@example.com', %s, %s, '1990-01-01', address_country, plan from raw.users limit 1",
            [asked, ON, ON],
        )
        connection.execute(
            "insert into raw.tracks (id, user_id, event, received_at) values ('late', %s, 'signed_up', %s)", [asked, ON]
        )
    night = project.govern("nightly", "--date", str(TOMORROW))
    assert night.returncode == 0, night.stdout + night.stderr
    for table, key in (("users", "id"), ("tracks", "user_id")):
        assert ask(project, f"select count(*) from raw.{table} where {key} = %s", [asked]) == [(0,)]
    assert ask(project, "select count(*) from intermediate.int_subjects__tokenized where subject_id = %s", [asked]) == [
        (0,)
    ]


def test_a_night_without_its_key_can_not_run(project, published):
    failed = replace(project, key="another key than the nights before").govern("nightly", "--date", str(TOMORROW))
    assert failed.returncode == 2
    assert "enforce_privacy stopped at compile" in failed.stderr
