"""Somebody else's dump, loaded and governed: nothing in it is declared, so nothing may be published."""

from __future__ import annotations

import pytest

from lib.checkouts import check_out
from lib.databases import fresh_database
from lib.nights import govern_night
from privacy_governance.errors import PublishingBlockedError
from privacy_governance.intake import load_dump

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def visited(tmp_path_factory, server_url):
    """A checkout whose raw layer gathers one dump after the other."""
    with fresh_database(server_url) as warehouse:
        yield check_out(tmp_path_factory.mktemp("visited") / "checkout", warehouse)


@pytest.mark.parametrize("dump", ["adult", "people", "retail", "segment", "shopify", "taxonomies"])
def test_a_night_on_somebody_s_dump_is_refused_and_names_each_undeclared_column(visited, shared_data, dump):
    loaded = load_dump(visited.warehouse, shared_data / dump)
    columns = {(file.relation, column.name) for file in loaded.loaded for column in file.columns}
    assert columns

    refusal = govern_night(visited)

    assert isinstance(refusal, PublishingBlockedError)
    assert "violation_undeclared_column" in str(refusal)
    with visited.warehouse.connect("look") as connection:
        found = connection.execute(
            "select relation, column_name, finding from audit.violation_undeclared_column"
        ).fetchall()
        released = connection.execute("select count(*) from pg_tables where schemaname = 'research'").fetchone()
    assert columns <= {(relation, column) for relation, column, _ in found}
    for relation, column, finding in found:
        assert finding.startswith(f"{relation}.{column} has no ccpa_category.")
        assert "sources.yml" in finding
    assert released == (0,)
    assert (visited.settings.nights / "2026-03-01" / "report.html").is_file()


def test_a_dump_through_the_command_line_exits_with_1_and_says_what_to_do(visited, shared_data):
    loaded = visited.govern("load", str(shared_data / "retail"))
    assert loaded.returncode == 0, loaded.stderr
    night = visited.govern("nightly", "--date", "2026-03-01")
    assert night.returncode == 1, night.stdout + night.stderr
    assert "has no ccpa_category" in night.stdout
    assert "govern tags suggest" in night.stdout
    assert "more in audit.violation_undeclared_column" in night.stdout
