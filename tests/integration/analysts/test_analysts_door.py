"""What analysts are given to begin with works as it stands, as role analyst: queries, README, descriptions."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import psycopg
import pytest
import yaml

from lib.databases import fresh_database
from lib.logins import login
from privacy_governance.settings import CHECKOUT
from privacy_governance.warehouse.bootstrap import bootstrap

DECLARED = CHECKOUT / "dbt_project" / "models" / "marts" / "research" / "_research__models.yml"
EXAMPLES = CHECKOUT / "dbt_project" / "analyses"
# two subjects who ordered once and thrice, one who only looked; the second came back a week later
ROWS = {
    "research_users": [
        {"subject_token": "a", "country_code": "FR", "plan": "free", "age_band": "25-34"},
        {"subject_token": "b", "country_code": "FR", "plan": "pro", "age_band": "25-34"},
        {"subject_token": "c", "country_code": "DE", "plan": "pro", "age_band": "35-44"},
    ],
    "research_events": [
        {"subject_token": "a", "event_name": "order_completed", "occurred_week_on": "2026-01-05", "events": 1},
        {"subject_token": "b", "event_name": "order_completed", "occurred_week_on": "2026-01-05", "events": 2},
        {"subject_token": "b", "event_name": "order_completed", "occurred_week_on": "2026-01-12", "events": 1},
        {"subject_token": "c", "event_name": "page_viewed", "occurred_week_on": "2026-01-12", "events": 5},
    ],
    "research_survey_responses": [
        {"subject_token": "a", "submitted_quarter_on": "2026-01-01", "score_band": "0 to 6", "responses": 1},
        {"subject_token": "b", "submitted_quarter_on": "2026-01-01", "score_band": "9 to 10", "responses": 2},
        {"subject_token": "c", "submitted_quarter_on": "2026-01-01", "score_band": "7 to 8", "responses": 1},
        {"subject_token": "c", "submitted_quarter_on": "2026-01-01", "score_band": "no score", "responses": 1},
    ],
    "research_weekly_actives": [
        {"active_week_on": "2026-01-05", "plan": "free", "active_subjects": 9, "events": 12},
        {"active_week_on": "2026-01-05", "plan": "other plans", "active_subjects": 6, "events": 6},
        {"active_week_on": "2026-01-12", "plan": "all plans", "active_subjects": 5, "events": 7},
    ],
    "research_signup_funnel": [
        {"signed_up_month_on": "2025-11-01", "signed_up": 20, "active_within_4_weeks": 15},
        {"signed_up_month_on": "2025-12-01", "signed_up": 30, "ordered_within_4_weeks": 6},
    ],
    "research_revenue": [
        {"ordered_quarter_on": "2025-10-01", "currency_code": "EUR", "country_code": "FR", "plan": "free"}
        | {"buyers": 9, "orders": 9, "revenue": 100},
        {"ordered_quarter_on": "2025-10-01", "currency_code": "EUR", "country_code": "other countries"}
        | {"plan": "all plans", "buyers": 6, "orders": 8, "revenue": 300},
    ],
}
ANSWERS = {
    "active_subjects_by_week": ["2026-01-05|2|3|1.5", "2026-01-12|2|6|3.0"],
    "net_promoter_score_by_plan": ["2026-01-01|free|1|-100", "2026-01-01|pro|3|67"],
    "orders_by_country_and_age": ["FR|25-34|2|4|2.00", "DE|35-44|1|0|0.00"],
    "revenue_by_country_and_plan": [
        "2025-10-01|EUR|other countries|all plans|6|300|75",
        "2025-10-01|EUR|FR|free|9|100|25",
    ],
    "signup_to_order": ["2025-11-01|20|75|None", "2025-12-01|30|None|20"],
    "weekly_actives_by_plan": ["2026-01-05|15|9|6", "2026-01-12|5|0|5"],
    "weekly_retention": ["2026-01-05|2|0.50|0.00|0.00", "2026-01-12|1|0.00|0.00|0.00"],
}


def declared_columns():
    return [
        (model["name"], column)
        for model in yaml.safe_load(DECLARED.read_text())["models"]
        for column in model["columns"]
    ]


@pytest.fixture(scope="module")
def analyst(server_url):
    """URL of an analyst's login on a warehouse with a small release, whose tables are made as declared."""
    with fresh_database(server_url) as warehouse:
        bootstrap(warehouse, fingerprints={})
        with warehouse.connect("release") as connection:
            for table, rows in ROWS.items():
                columns = ", ".join(f"{c['name']} {c['data_type']}" for name, c in declared_columns() if name == table)
                connection.execute(f"create table research.{table} ({columns})")
                connection.execute(f"grant select on research.{table} to analyst")
                for row in rows:
                    values = ", ".join(["%s"] * len(row))
                    connection.execute(
                        f"insert into research.{table} ({', '.join(row)}) values ({values})", list(row.values())
                    )
        with login(warehouse, member_of=["analyst"]) as url:
            yield url


def readme_blocks(language):
    """Return the code of the README's section for analysts."""
    section = (CHECKOUT / "README.md").read_text().split("\n### Analyst\n")[1].split("\n### ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL)


def test_every_example_has_an_expected_answer():
    assert {file.stem for file in EXAMPLES.glob("*.sql")} == set(ANSWERS)
    described = yaml.safe_load((EXAMPLES / "_analyses.yml").read_text())["analyses"]
    assert {each["name"] for each in described} == set(ANSWERS)


@pytest.mark.parametrize("example", ANSWERS)
def test_an_example_answers_as_it_stands(analyst, example):
    with psycopg.connect(analyst) as session:
        rows = session.execute((EXAMPLES / f"{example}.sql").read_bytes()).fetchall()
    assert ["|".join(map(str, row)) for row in rows] == ANSWERS[example]


def test_the_readme_s_sql_runs(analyst):
    (query,) = readme_blocks("sql")
    with psycopg.connect(analyst) as session:
        assert session.execute(query.encode()).fetchall() == [("FR", "25-34", 4)]


def test_the_readme_s_python_runs(analyst):
    (code,) = readme_blocks("python")
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "RESEARCH_URL": analyst},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""
    assert ran.stdout.splitlines() == ["2026-01-05: 2 subjects, 3 events", "2026-01-12: 2 subjects, 6 events"]


def test_every_released_column_says_its_meaning_unit_generalization_and_caveat():
    told = 0
    for table, column in declared_columns():
        text = column["description"]
        parts = re.fullmatch(r"(.+\.) Unit: (.+\.) Generalized: (.+\.) Caveat: (.+\.)", text)
        assert parts, f"{table}.{column['name']}"
        assert all(len(part) > 2 for part in parts.groups())
        told += 1
    assert told >= sum(len(rows[0]) for rows in ROWS.values())
