"""A night's tags told: by `govern tags explain` and `list`, and by comments of PostgreSQL."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lib.nights import night_of
from privacy_governance.commenting import COMMENTED, comment_columns
from privacy_governance.explaining import explain, read_lineage
from privacy_governance.night import STEPS

COMMENTS = """
select n.nspname || '.' || c.relname, a.attname, col_description(c.oid, a.attnum)
from pg_class as c inner join pg_namespace as n on c.relnamespace = n.oid
inner join pg_attribute as a on a.attrelid = c.oid
where n.nspname = any(%s) and c.relkind in ('r', 'v') and a.attnum > 0 and not a.attisdropped
"""
TABLE_COMMENTS = """
select c.relname, obj_description(c.oid, 'pg_class') from pg_class as c
where c.relnamespace = 'raw'::regnamespace and c.relkind = 'r' order by 1
"""


@pytest.fixture(scope="module")
def built(governed):
    """The checkout with every relation built and tagged, its candidate not yet published."""
    for step in ("compile", "trace", "tag", "tombstone", "purge", "anonymize"):
        STEPS[step](night_of(governed))
    return governed


@pytest.fixture
def connection(built):
    """A connection to the built warehouse."""
    with built.warehouse.connect("look at tags") as connection:
        yield connection


def comment_all(built):
    with built.warehouse.connect("comment") as connection:
        return comment_columns(connection, built.settings.dbt_project)


def comments(connection, *schemas):
    return {(relation, column): text for relation, column, text in connection.execute(COMMENTS, [list(schemas)])}


def test_the_paths_of_every_derived_column_end_at_its_tag(connection):
    known = read_lineage(connection)
    derived = [tag for tag in known.tags.values() if tag.origin == "derived"]
    assert len(derived) > 300
    for tag in derived:
        found = explain(tag.relation, tag.column, known)
        assert max((path.after for path in found.paths), default=0) == tag.tag.identifiability, tag
        assert found.paths or found.computed, tag
        assert {category for path in found.paths for category in path.start.tag.categories} == tag.tag.categories, tag


def test_an_age_band_is_explained_from_the_birthday_with_its_steps_and_filters(built):
    told = built.govern("tags", "explain", "research.research_users.age_band")
    assert told.returncode == 0, told.stderr
    assert "research.research_users.age_band: identifiers_general (A), quasi" in told.stdout
    assert "from raw.users.birthday: identifiers_general (A), quasi  (indirect)" in told.stdout
    assert "intermediate.int_users__surviving.age_years" in told.stdout
    assert "16 YEARS" in told.stdout.partition("Which rows there are was decided by:")[2]


def test_a_token_is_explained_by_the_key_that_made_it(built):
    told = built.govern("tags", "explain", "research.research_users.subject_token", "--all")
    assert "direct → pseudonymous: keyed token:" in told.stdout
    assert "from raw.users.id" in told.stdout


def test_a_column_that_is_not_there_exits_with_2_and_names_the_closest(built):
    refused = built.govern("tags", "explain", "research.research_users.age_bnd")
    assert refused.returncode == 2
    assert "Did you mean research.research_users.age_band" in refused.stderr


def test_the_list_holds_every_tag_and_can_be_narrowed_down(built, connection):
    (count,) = connection.execute("select count(*) from governance.column_tags").fetchone()
    assert len(json.loads(built.govern("tags", "list", "--format", "json").stdout)) == count
    narrowed = built.govern(
        "tags", "list", "--format", "json", "--relation", "raw.*", "--identifiability", "direct", "--unknown"
    )
    rows = json.loads(narrowed.stdout)
    assert {row["identifiability"] for row in rows} == {"direct"}
    assert {"raw.users.email", "raw.payments.billing_email"} & {f"{row['relation']}.{row['column']}" for row in rows}


@pytest.mark.parametrize("arguments", [["list"], ["explain", "raw.users.email"]])
def test_before_any_night_it_exits_with_2_and_says_what_to_run(checkout, arguments):
    refused = checkout.govern("tags", *arguments)
    assert refused.returncode == 2
    assert "Run govern nightly" in refused.stderr


def test_every_derived_column_is_commented_with_description_and_tag(built):
    comment_all(built)
    with built.warehouse.connect("read comments") as connection:
        told = comments(connection, *COMMENTED)
    assert len(told) > 300
    assert all(text and text.endswith("]") for text in told.values())
    of_age = told["research_candidate.research_users", "age_band"]
    assert of_age.startswith("Age of the subject. Unit: years, whole. Generalized: to 16-24")
    assert of_age.endswith(" [quasi: identifiers_general; from raw.users.birthday]")
    assert told["research_candidate.research_events", "events"].endswith(
        " [aggregate: internet_or_network_information; from raw.pages.received_at]"
    )


def test_comments_that_say_so_already_are_left(built):
    comment_all(built)
    assert comment_all(built) == 0


def test_only_the_comment_that_differs_changes(built):
    comment_all(built)
    with built.warehouse.connect("write another comment") as connection:
        connection.execute("comment on column staging.stg_segment__users.email is 'somebody''s'")
    assert comment_all(built) == 1


def test_raw_tables_keep_the_comments_of_what_loaded_them(built, connection):
    connection.execute("comment on column raw.users.email is 'the loader''s'")
    before = connection.execute(TABLE_COMMENTS).fetchall()
    assert any(text for _, text in before)
    comment_columns(connection, built.settings.dbt_project)
    assert connection.execute(TABLE_COMMENTS).fetchall() == before
    assert comments(connection, "raw")["raw.users", "email"] == "the loader's"


def test_comments_go_with_the_candidate_into_the_release(built, connection):
    comment_columns(connection, built.settings.dbt_project)
    before = comments(connection, "research_candidate")["research_candidate.research_users", "plan"]
    connection.execute("alter table research_candidate.research_users set schema research")
    assert comment_columns(connection, built.settings.dbt_project) == 0
    assert comments(connection, "research")["research.research_users", "plan"] == before
    connection.rollback()


def test_the_documentation_of_dbt_carries_tags_and_comments(built):
    comment_all(built)
    written = built.govern("tags", "docs")
    assert written.returncode == 0, written.stderr
    page = Path(written.stdout.strip())
    assert "Pseudonym of the subject" in page.read_text()
    assert "[pseudonymous: identifiers_general; from " in page.read_text()
    catalog = json.loads((page.parent / "catalog.json").read_text())
    column = catalog["nodes"]["model.privacy_governance.stg_segment__users"]["columns"]["email"]
    assert column["comment"].endswith("[direct: identifiers_general; from raw.users.email]")
