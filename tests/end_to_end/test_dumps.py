"""Somebody else's dump, loaded and governed: nothing in it is declared, so nothing may be published."""

from __future__ import annotations

import pytest

from lib.checkouts import check_out
from lib.databases import fresh_database
from lib.nights import ON, govern_night
from privacy_governance.errors import PublishingBlockedError
from privacy_governance.intake import load_dump

pytestmark = pytest.mark.shared
DUMPS = ("adult", "people", "retail", "segment", "shopify", "taxonomies")


@pytest.fixture(scope="module")
def visited(tmp_path_factory, server_url):
    """A checkout whose raw layer gathers one dump after the other."""
    with fresh_database(server_url) as warehouse:
        yield check_out(tmp_path_factory.mktemp("visited") / "checkout", warehouse)


@pytest.fixture(scope="module")
def night(visited, shared_data):
    """A night on all dumps: what each brought to raw, what kept the night from publishing, and what was found."""
    brought = {}
    for dump in DUMPS:
        loaded = load_dump(visited.warehouse, shared_data / dump).loaded
        brought[dump] = {(file.relation, column.name) for file in loaded for column in file.columns}
    refusal = govern_night(visited)
    with visited.warehouse.connect("look") as connection:
        found = connection.execute(
            "select relation, column_name, finding from audit.violation_undeclared_column"
        ).fetchall()
    return brought, refusal, found


@pytest.mark.parametrize("dump", DUMPS)
def test_each_column_of_a_dump_blocks_publishing_and_says_where_to_declare_it(night, dump):
    brought, _, found = night
    findings = {(relation, column): finding for relation, column, finding in found}
    assert brought[dump]
    for relation, column in brought[dump]:
        assert findings[relation, column].startswith(f"{relation}.{column} has no ccpa_category.")
        assert "sources.yml" in findings[relation, column]


def test_a_night_on_somebody_s_dumps_is_refused_and_nothing_is_released(visited, night):
    _, refusal, _ = night
    assert isinstance(refusal, PublishingBlockedError)
    assert "violation_undeclared_column" in str(refusal)
    with visited.warehouse.connect("look") as connection:
        released = connection.execute("select count(*) from pg_tables where schemaname = 'research'").fetchone()
    assert released == (0,)
    assert (visited.settings.nights / str(ON) / "report.html").is_file()


def test_a_dump_through_the_command_line_exits_with_1_and_says_what_to_do(visited, night, shared_data):
    loaded = visited.govern("load", str(shared_data / "retail"))
    assert loaded.returncode == 0, loaded.stderr
    night = visited.govern("nightly", "--date", "2026-03-01")
    assert night.returncode == 1, night.stdout + night.stderr
    assert "has no ccpa_category" in night.stdout
    assert "govern tags suggest" in night.stdout
    assert "more in audit.violation_undeclared_column" in night.stdout
