"""`govern release`, on a line of releases."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from privacy_governance.cli import release
from privacy_governance.keys import read_keys
from privacy_governance.settings import Settings


@pytest.fixture
def govern(line, tmp_path, monkeypatch):
    """Run a command of `govern release` on two releases; salts are kept in files from now on."""
    line.join([f"member {n}" for n in range(20)])
    line.night()
    line.join([f"newcomer {n}" for n in range(6)])
    line.night()
    settings = Settings(
        warehouse_url=line.warehouse.url,
        govern_key="a key that only these tests use",
        research_salt=None,
        state_dir=tmp_path,
    )
    monkeypatch.setattr(release, "settings", lambda: settings)
    app = typer.Typer()
    release.add_to(app)

    def run(*arguments):
        found = CliRunner().invoke(app, ["release", *arguments], catch_exceptions=False)
        assert found.exit_code == 0, found.output
        return found.output

    run.settings, run.line = settings, line
    return run


def test_the_list_says_what_stands_and_where_it_came_from(govern):
    listed = json.loads(govern("list", "--json"))
    assert [(each["kind"], each["rows"]) for each in listed] == [("publish", 26), ("publish", 20)]
    assert "(stands)" in govern("list")


def test_a_rollback_says_what_readers_see_and_the_list_says_why(govern):
    assert "20 rows" in govern("rollback", "--reason", "mapped wrongly")
    newest, *_ = json.loads(govern("list", "--json"))
    assert (newest["kind"], newest["reason"], newest["rows"]) == ("rollback", "mapped wrongly", 20)
    assert "mapped wrongly" in govern("list")


def test_a_rotation_begins_a_period_and_leaves_the_release_until_the_next_publish(govern):
    before = govern.line.released()
    assert "a token period began" in govern("rotate")
    assert govern.line.released() == before
    keys = read_keys(govern.settings)
    token = keys.token("research", "member 1")
    assert govern.line.ask(
        "select count(*) from intermediate.int_subjects__tokenized where research_token = %s", [token]
    ) == [(1,)]
