"""Validating decides what may be published, keeps its evidence, and writes no value of any row anywhere."""

from __future__ import annotations

import shutil

import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from privacy_governance import publishing
from privacy_governance.errors import PublishingBlockedError, StepError
from privacy_governance.pages import docs_site
from privacy_governance.settings import CHECKOUT, Settings
from privacy_governance.validation import drafting, require_met, validate
from privacy_governance.warehouse import Warehouse
from privacy_governance.warehouse.bootstrap import bootstrap

NIGHT = "2026-03-01"
TOKENS = [f"a{n}" * 32 for n in range(5)]
PLANTED = "ada.lovelace@example.org"
WORD = "s3cret-of-the-warehouse"
WITHOUT_SCREENS = """
create table governance.governance_exceptions as
select
    'violation_missing_source_table' as rule,
    'raw.screens' as relation,
    date '2026-01-01' as approved_on,
    date '2026-03-01' as expires_on
"""
TABLES = drafting.tables(CHECKOUT / "dbt_project")


@pytest.fixture
def settings(tmp_path):
    """A checkout's file context of its own."""
    shutil.copytree(CHECKOUT / "expectations", tmp_path / "expectations", ignore=shutil.ignore_patterns("uncommitted"))
    return Settings(GOVERN_PROJECT_DIR=tmp_path)


@pytest.fixture
def candidate(warehouse):
    """A warehouse as the night leaves it before validating: input, a small candidate, and rules without offenders."""
    bootstrap(warehouse, fingerprints={})
    with warehouse.connect("prepare the test") as connection:
        connection.execute("create table intermediate.int_periods__closed (relation text, closed_until date)")
        for table in TABLES:
            if table.reader == "raw_intake":
                create(connection, table.relation, table.columns)
                connection.execute(sql.SQL("insert into {} default values").format(identifier(table.relation)))
            elif table.reader == "research_release":
                create(connection, table.relation, table.columns)
            elif table.reader in {"deletion_audit", "retention_audit"}:
                create_rule(connection, table.relation)
        connection.execute(
            "insert into research_candidate.research_users select token, 'NL', 'pro', '25-34', true"
            " from unnest(%s::text[]) as token",
            [TOKENS],
        )
        connection.execute(
            "insert into research_candidate.research_events select token, 'page_viewed', '2026-02-23', 3"
            " from unnest(%s::text[]) as token",
            [TOKENS],
        )
    return warehouse


def identifier(relation):
    return sql.Identifier(*relation.split("."))


def create(connection, relation, columns):
    listed = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in columns.items()
    )
    connection.execute(sql.SQL("create table {} ({})").format(identifier(relation), listed))


def create_rule(connection, relation):
    create(
        connection,
        relation,
        {"relation": "text", "column_name": "text", "offenders": "bigint", "finding": "text"},
    )


def execute(warehouse, statement, parameters=()):
    with warehouse.connect("arrange the test") as connection:
        connection.execute(statement, parameters)


def query(warehouse, statement):
    with warehouse.connect("look into the test") as connection:
        return connection.execute(statement).fetchall()


def files(folder):
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def unmet(outcome):
    return {(found.relation, found.column, found.expectation) for found in outcome.unmet}


def test_a_clean_candidate_is_validated_and_can_be_published(candidate, settings):
    outcome = validate(candidate, settings, night=NIGHT)
    assert outcome.met, outcome.unmet
    require_met(outcome)
    with candidate.connect("look") as connection:
        digest, _ = publishing.content_digest(connection, publishing.CANDIDATE)
    assert query(candidate, "select night::text, state, violations, candidate_digest from governance.nights") == [
        (NIGHT, "validated", 0, digest)
    ]
    held = "select count(*), bool_and(is_met or severity = 'warning') from audit.validation_results"
    assert query(candidate, held) == [(outcome.expectations, True)]
    assert publishing.publish(candidate, night=NIGHT, policy="0" * 64).is_new


def test_data_docs_list_a_suite_that_only_warns_apart_from_what_keeps_a_release_back(candidate, settings):
    # no row of these tables says when it was loaded
    late = {found.relation for found in validate(candidate, settings, night=NIGHT).warned}
    index = (docs_site(settings.expectations) / "index.html").read_text()
    assert late
    assert f"{len(late)} only warn" in index
    assert "did not hold" not in index


def test_a_violation_refuses_the_night(candidate, settings):
    execute(
        candidate,
        "insert into audit.violation_undeclared_column values ('raw.users', 'shoe_size', 2, 'tag raw.users.shoe_size')",
    )
    outcome = validate(candidate, settings, night=NIGHT)
    (violation,) = outcome.violations
    assert (violation.rule, violation.offenders) == ("violation_undeclared_column", 2)
    with pytest.raises(PublishingBlockedError, match=r"tag raw\.users\.shoe_size"):
        require_met(outcome)
    assert query(candidate, "select state, violations, candidate_digest from governance.nights") == [
        ("refused", 2, None)
    ]
    with pytest.raises(PublishingBlockedError, match="refused"):
        publishing.publish(candidate, night=NIGHT, policy="0" * 64)


def test_a_rule_that_no_suite_knows_refuses_the_night(candidate, settings):
    with candidate.connect("arrange") as connection:
        create_rule(connection, "audit.violation_moon_too_full")
        connection.execute("insert into audit.violation_moon_too_full values ('raw.moon', null, 1, 'wait a week')")
    assert [found.rule for found in validate(candidate, settings, night=NIGHT).violations] == [
        "violation_moon_too_full"
    ]


def test_values_outside_the_contract_block_and_are_written_nowhere(candidate, settings):
    checkpoint = settings.expectations / "checkpoints" / "research_release.json"
    checkpoint.write_text(checkpoint.read_text().replace("BOOLEAN_ONLY", "COMPLETE"))  # asks for every value
    execute(
        candidate,
        "update research_candidate.research_users set subject_token = %(it)s, age_band = %(it)s, country_code = %(it)s",
        {"it": PLANTED},
    )
    execute(candidate, "update research_candidate.research_events set event_name = %s", [PLANTED])
    outcome = validate(candidate, settings, night=NIGHT)
    assert {where[:2] for where in unmet(outcome)} == {
        ("research_candidate.research_users", "subject_token"),
        ("research_candidate.research_users", "age_band"),
        ("research_candidate.research_users", "country_code"),
        # all of them became one subject
        ("research_candidate.research_users", None),
        ("research_candidate.research_events", "event_name"),
    }
    assert {found.observed for found in outcome.unmet if found.column} == {"5 of 5 rows"}
    with pytest.raises(PublishingBlockedError) as refused:
        require_met(outcome)
    assert PLANTED not in str(refused.value)
    assert not query(candidate, f"select 1 from audit.validation_results as t where t::text like '%{PLANTED}%'")
    holders = [file for file, content in files(settings.project_dir).items() if PLANTED.encode() in content]
    assert holders == []


def test_a_week_after_the_night_blocks(candidate, settings):
    execute(candidate, "update research_candidate.research_events set occurred_week_on = '2026-03-09'")
    assert unmet(validate(candidate, settings, night=NIGHT)) == {
        ("research_candidate.research_events", "occurred_week_on", "expect_column_values_to_be_between")
    }


def test_an_undeclared_column_of_the_candidate_blocks(candidate, settings):
    execute(candidate, "alter table research_candidate.research_users add email text")
    assert unmet(validate(candidate, settings, night=NIGHT)) == {
        ("research_candidate.research_users", None, "expect_table_columns_to_match_set")
    }


def test_a_source_column_that_is_missing_or_of_another_type_is_named(candidate, settings):
    execute(candidate, "alter table raw.users drop column email, alter column received_at type text")
    (found,) = validate(candidate, settings, night=NIGHT).unmet
    assert found.relation == "raw.users"
    assert "email is missing" in found.observed
    assert "received_at is TEXT" in found.observed


def test_nothing_is_expected_of_a_table_that_a_person_decided_to_do_without_until_that_ends(candidate, settings):
    execute(candidate, "drop table raw.screens, raw.aliases")
    execute(candidate, WITHOUT_SCREENS)
    assert {relation for relation, _, _ in unmet(validate(candidate, settings, night=NIGHT))} == {"raw.aliases"}
    later = {relation for relation, _, _ in unmet(validate(candidate, settings, night="2026-03-02"))}
    assert later == {"raw.aliases", "raw.screens"}


def test_a_table_that_is_there_is_held_to_its_suite_whatever_was_decided(candidate, settings):
    execute(candidate, "alter table raw.screens drop column id")
    execute(candidate, WITHOUT_SCREENS)
    assert {relation for relation, _, _ in unmet(validate(candidate, settings, night=NIGHT))} == {"raw.screens"}


def test_a_warehouse_with_none_of_our_tables_is_refused_not_a_crash(warehouse, settings):
    bootstrap(warehouse, fingerprints={})
    with warehouse.connect("arrange") as connection:
        create(connection, "raw.order", {"Email Address": "text"})
        create_rule(connection, "audit.violation_undeclared_column")
        connection.execute("insert into audit.violation_undeclared_column values ('raw.order', 'Email', 1, 'tag it')")
    outcome = validate(warehouse, settings, night=NIGHT)
    absent = {found.relation for found in outcome.unmet if found.observed == "absent"}
    assert {"raw.users", "research_candidate.research_users"} <= absent
    assert query(warehouse, "select state, violations from governance.nights") == [("refused", 1)]


def test_the_same_night_again_changes_nothing(candidate, settings):
    everything = (
        "select (select jsonb_agg(n) from governance.nights as n), jsonb_agg(r) from audit.validation_results as r"
    )
    validate(candidate, settings, night=NIGHT)
    tracked = files(settings.expectations)
    before = query(candidate, everything)
    validate(candidate, settings, night=NIGHT)
    assert query(candidate, everything) == before
    assert files(settings.expectations).keys() == tracked.keys()


def test_a_published_night_stays_published_while_its_candidate_is_the_same(candidate, settings):
    validate(candidate, settings, night=NIGHT)
    execute(candidate, "update governance.nights set state = 'published'")
    validate(candidate, settings, night=NIGHT)
    assert query(candidate, "select state from governance.nights") == [("published",)]
    execute(candidate, "update research_candidate.research_events set events = 4")
    validate(candidate, settings, night=NIGHT)
    assert query(candidate, "select state from governance.nights") == [("validated",)]


def test_results_of_other_nights_are_kept(candidate, settings):
    validate(candidate, settings, night=NIGHT)
    validate(candidate, settings, night="2026-03-02")
    assert query(candidate, "select count(distinct night) from audit.validation_results") == [(2,)]
    site = settings.expectations / "uncommitted" / "data_docs" / "local_site"
    nights = {page.parent.parent.name for page in site.glob("validations/*/*/*/*/*.html")}
    assert nights == {NIGHT, "2026-03-02"}


def test_a_night_changes_no_tracked_file_and_writes_its_password_nowhere(candidate, settings):
    before = files(settings.expectations)
    with_password = Warehouse(make_conninfo(candidate.url, password=WORD))
    outcome = validate(with_password, settings, night=NIGHT)
    written = files(settings.project_dir)
    assert {file: content for file, content in written.items() if "uncommitted" not in file.parts} == before
    assert not [file for file, content in written.items() if WORD.encode() in content]
    in_git = sum(content.count(b'"severity"') for file, content in before.items() if "suites" in file.parts)
    assert outcome.expectations == in_git


def test_an_expectation_that_can_not_be_read_stops_the_step(candidate, settings):
    suite = settings.expectations / "suites" / "ledger" / "tombstones.json"
    suite.write_text(suite.read_text().replace("expect_column_values_to_be_unique", "expect_nothing_known"))
    with pytest.raises(StepError, match=r"suites/ledger/tombstones\.json: 1 of \d+ expectations can't be read"):
        validate(candidate, settings, night=NIGHT)
