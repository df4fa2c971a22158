"""The demo's raw layer as it stands in PostgreSQL."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys

import pytest
import yaml

from privacy_governance.errors import WarehouseError
from privacy_governance.generation import generate
from privacy_governance.generation.layer import TABLES
from privacy_governance.settings import CHECKOUT

NIGHT = datetime.date(2026, 3, 1)
DBT_PROJECT = CHECKOUT / "dbt_project"
CASES = {
    "shared_device", "alias_chain", "three_emails", "late_event", "duplicate_event", "expired_row", "expired_column",
    "legal_hold", "hold_by_address", "ended_legal_hold", "under_16", "turned_16", "card_number_in_free_text",
    "marketing_after_opt_out", "marketing_before_opt_out", "service_message_after_opt_out",
    "national_id_in_custom_trait", "undeclared_column", "null_identifier", "empty_identifier",
    "unicode_name", "future_timestamp", "deletion_request", "unverified_request",
    "request_for_unknown_user", "customers_data_request", "repeated_request", "rare_group", "personal_value",
}  # fmt: skip


def rows_of(warehouse, query, parameters=None):
    session = {"timezone": "UTC", "datestyle": "ISO"}
    with warehouse.connect("look at the generated layer", session=session) as connection:
        return connection.execute(query, parameters).fetchall()


def value_of(warehouse, query, parameters=None):
    return rows_of(warehouse, query, parameters)[0][0]


def digests(warehouse):
    digest = "select md5(string_agg(md5(t::text), '' order by md5(t::text))) from raw.{} as t"
    return {table: value_of(warehouse, digest.format(table)) for table in (*TABLES, "_planted")}


def planted(warehouse, case):
    return rows_of(warehouse, "select relation, key_column, key_value from raw._planted where case_name = %s", [case])


@pytest.fixture
def generated(warehouse):
    generate(warehouse, users=20, seed=1, as_of=NIGHT)
    return warehouse


def test_the_same_arguments_make_the_same_rows(warehouse):
    generate(warehouse, users=60, seed=5, as_of=NIGHT)
    first = digests(warehouse)
    database = value_of(warehouse, "select current_database()")
    with warehouse.connect("make later sessions differ") as connection:
        connection.execute(f"alter database {database} set timezone = 'Asia/Tokyo'")
        connection.execute(f"alter database {database} set datestyle = 'German'")
    generate(warehouse, users=60, seed=5, as_of=NIGHT)
    assert digests(warehouse) == first


def test_another_seed_makes_other_people(warehouse):
    generate(warehouse, users=20, seed=5, as_of=NIGHT)
    first = digests(warehouse)
    generate(warehouse, users=20, seed=6, as_of=NIGHT)
    second = digests(warehouse)
    differing = {table for table in first if first[table] != second[table]}
    assert {"users", "identifies", "pages", "payments", "support_tickets"} <= differing


def test_every_hard_case_is_listed(generated):
    listed = {case for (case,) in rows_of(generated, "select distinct case_name from raw._planted")}
    assert listed == CASES


def test_every_listed_row_is_there(generated):
    for case, relation, column, value in rows_of(
        generated, "select case_name, relation, key_column, key_value from raw._planted"
    ):
        found = value_of(generated, f"select count(*) from {relation} where {column} = %s", [value])
        assert found > 0, f"{case}: no row in {relation} by {column}"


def test_a_shared_device_carries_two_people(generated):
    ((_, _, anonymous_id),) = [row for row in planted(generated, "shared_device") if row[0] == "raw.pages"]
    people = "select count(distinct user_id) from raw.pages where anonymous_id = %s"
    assert value_of(generated, people, [anonymous_id]) == 2


def test_an_alias_chain_leads_from_the_request_to_the_browser(generated):
    chain = """
        with recursive chain as (
            select user_id from raw.privacy_requests where request_id = 'req-planted-alias-chain'
            union
            select aliases.previous_id from raw.aliases inner join chain using (user_id)
        )
        select count(*) from chain
    """
    assert value_of(generated, chain) == 4


def test_a_duplicate_is_the_same_row_twice(generated):
    for relation, column, value in planted(generated, "duplicate_event"):
        query = f"select count(*), count(distinct t::text) from {relation} as t where {column} = %s"
        assert rows_of(generated, query, [value]) == [(2, 1)]


def test_only_the_planted_children_are_under_16(generated):
    young = "select id from raw.users where birthday > (%s::date - interval '16 years')"
    found = {user for (user,) in rows_of(generated, young, [NIGHT])}
    assert found == {value for _, _, value in planted(generated, "under_16")}


def test_the_planted_card_numbers_pass_luhn(generated):
    text_columns = {"raw.support_tickets": "body", "raw.survey_responses": "answer"}
    bodies = [
        value_of(
            generated,
            f"select regexp_replace({text_columns[relation]}, '[^0-9]', '', 'g') from {relation} where {column} = %s",
            [value],
        )
        for relation, column, value in planted(generated, "card_number_in_free_text")
    ]
    assert len(bodies) == 2
    for digits in bodies:
        doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits))]
        assert len(digits) == 16
        assert sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def test_a_held_person_has_expired_rows_and_a_verified_request(generated):
    held = "select user_id from raw.legal_holds where ends_on is null and hold_id = 'hold-planted'"
    user = value_of(generated, held)
    old = "select count(*) from raw.pages where user_id = %s and received_at < %s::date - interval '5 years'"
    asked = "select count(*) from raw.privacy_requests where user_id = %s and verified_at is not null"
    assert value_of(generated, old, [user, NIGHT]) == 1
    assert value_of(generated, asked, [user]) == 1


def test_the_departing_person_has_rows_in_every_table_with_a_subject(generated):
    tables = [table for table in TABLES if table not in {"accounts", "legal_holds"}]
    for table in tables:
        column = "id" if table == "users" else "user_id"
        query = f"select count(*) from raw.{table} where {column} = 'usr_planted_delete'"
        assert value_of(generated, query) > 0, table


def test_but_for_planted_cases_everything_happened_before_the_night(warehouse):
    generate(warehouse, users=1000, seed=2, as_of=NIGHT)
    for table in ("users", "identifies", "pages", "screens", "tracks", "feature_used"):
        late = f"select count(*) from raw.{table} where received_at >= %s::date and id not like '%%planted%%'"
        assert value_of(warehouse, late, [NIGHT]) == 0, table


def test_at_most_a_few_percent_of_a_table_has_expired(warehouse):
    generate(warehouse, users=3000, seed=2, as_of=NIGHT)
    for table in ("users", "identifies", "aliases", "pages", "screens", "tracks", "feature_used"):
        share = f"select avg((received_at < %s::date - interval '24 months')::int) from raw.{table}"
        assert 0.01 < value_of(warehouse, share, [NIGHT]) < 0.03, table


def test_groups_of_five_exist_and_rare_ones_too(warehouse):
    generate(warehouse, users=500, seed=2, as_of=NIGHT)
    sizes = """
        select sum(size) filter (where size >= 5), sum(size) filter (where size < 5)
        from (select count(*) as size from raw.users group by address_country, age / 10, plan) as g
    """
    ((kept, rare),) = rows_of(warehouse, sizes)
    assert kept > 250
    assert rare > 20


def test_a_user_has_about_20_events(warehouse):
    layer = generate(warehouse, users=500, seed=2, as_of=NIGHT)
    assert 19.5 < layer.events / 500 < 21.5


def test_the_catalog_has_the_declared_columns_with_their_types_and_one_more(generated):
    declared = set()
    for source in ("segment", "business", "privacy_desk", "demo"):
        path = DBT_PROJECT / "models" / "staging" / source / f"_{source}__sources.yml"
        for table in yaml.safe_load(path.read_text())["sources"][0]["tables"]:
            declared |= {(table["name"], c["name"], c["data_type"]) for c in table["columns"]}
    present = rows_of(
        generated,
        """
        select relname, attname, format_type(atttypid, atttypmod)
        from pg_attribute inner join pg_class on attrelid = pg_class.oid
        where relnamespace = 'raw'::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
        """,
    )
    assert set(present) - declared == {("users", "favorite_team", "text")}
    assert declared - set(present) == set()


def test_every_table_is_logged_indexed_by_subject_and_analyzed(generated):
    unlogged = """
        select count(*) from pg_class where relnamespace = 'raw'::regnamespace and relpersistence <> 'p'
    """
    analyzed = "select count(distinct tablename) from pg_stats where schemaname = 'raw'"
    indexed = r"""
        select distinct tablename from pg_indexes where schemaname = 'raw' and indexdef ~ '\((user_)?id\)'
    """
    assert value_of(generated, unlogged) == 0
    assert value_of(generated, analyzed) == len(TABLES) + 1
    assert {table for (table,) in rows_of(generated, indexed)} == set(TABLES)


def test_a_second_run_replaces_the_first_and_the_views_over_it(generated):
    with generated.connect("put a view over raw") as connection:
        connection.execute("create view public.over_raw as select id from raw.users")
    layer = generate(generated, users=30, seed=1, as_of=NIGHT)
    assert value_of(generated, "select count(*) from raw.users") == layer.rows["users"]
    assert value_of(generated, "select to_regclass('public.over_raw')") is None


@pytest.mark.parametrize("kind", ["table", "view", "materialized view"])
def test_a_relation_of_somebody_else_in_raw_is_left_alone(generated, kind):
    before = digests(generated)
    with generated.connect("put something of ours into raw") as connection:
        connection.execute(f"create {kind} raw.customers as select 1 as id")
    with pytest.raises(WarehouseError, match=r"did not make: customers\. Move them"):
        generate(generated, users=25, seed=9, as_of=NIGHT)
    assert digests(generated) == before
    assert value_of(generated, "select count(*) from raw.customers") == 1


def test_progress_names_tables_and_counts_and_no_value(warehouse, capsys, monkeypatch):
    monkeypatch.delenv("GOVERN_PROGRESS_FILE", raising=False)
    generate(warehouse, users=20, seed=1, as_of=NIGHT)
    said = capsys.readouterr().out
    assert all(f"raw.{table}: " in said for table in TABLES)
    values = rows_of(warehouse, "select key_value from raw._planted where case_name = 'personal_value'")
    assert not any(value and value in said for (value,) in values)


def test_every_staging_model_builds_and_passes_its_tests(generated, tmp_path):
    folders = {"project-dir": DBT_PROJECT, "profiles-dir": DBT_PROJECT}
    folders |= {"target-path": tmp_path / "target", "log-path": tmp_path / "logs"}
    options = [word for name, folder in folders.items() for word in (f"--{name}", str(folder))]
    built = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "--quiet", "build", "--select", "staging", *options],
        env={**os.environ, **generated.dbt_environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout[-2000:]
    columns = rows_of(generated, "select column_name from information_schema.columns where table_schema = 'staging'")
    assert value_of(generated, "select count(*) from pg_views where schemaname = 'staging'") == 18
    assert ("favorite_team",) not in columns
    empty = "select count(*) from staging.stg_segment__pages where user_id = '' or anonymous_id = ''"
    assert value_of(generated, empty) == 0
