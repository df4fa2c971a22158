"""What `govern trace` prints, and what it exits with."""

from __future__ import annotations

import json

import pytest

from privacy_governance import cli

USERS = "source.shop.raw.users"


@pytest.fixture
def govern(monkeypatch, capsys):
    """Run `govern …`; return (exit code, standard output, standard error)."""

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["govern", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as leaving:
            code = leaving.code or 0
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_all_resolved_exits_with_0_and_says_so(shop, govern):
    shop.model("users", "select id, email from raw.users", USERS)
    code, out, _ = govern("trace", shop.written())
    assert code == 0
    assert "1 models, 2 of 2 output columns answered: coverage 100.0 %" in out


def test_anything_unresolved_exits_with_1_and_is_named_with_its_fix(shop, govern):
    shop.model("orders", "select raw.users.id, o.total from raw.users, raw.orders as o", USERS)
    code, out, err = govern("trace", shop.written())
    assert code == 1
    assert "1 of 2 output columns answered: coverage 50.0 %" in out
    assert "marts.orders.total, in models/marts/orders.sql: raw.orders is not in the schema" in out
    assert "2 unresolved, each named above with its fix" in err


def test_json_is_one_document_with_every_count(shop, govern):
    shop.model("users", "select email from raw.users where id <> ''", USERS, schema="research")
    code, out, _ = govern("trace", shop.written(), "--protect", "research", "--format", "json")
    document = json.loads(out)
    assert code == 1
    assert (document["columns"], document["answered"], document["coverage"]) == (1, 1, 1.0)
    assert document["models"][0]["indirect"] == 1
    assert document["exposed"][0]["path"] == ["raw.users.email", "email", "research.users.email"]


def test_an_exposed_column_exits_with_1_and_is_named_with_its_path(shop, govern):
    shop.model("users", "select lower(email) as mail from raw.users", USERS, schema="research")
    code, out, err = govern("trace", shop.written(), "--protect", "research")
    assert code == 1
    assert "raw.users.email → lower(email) → research.users.mail" in out
    assert "1 columns of research exposed or unknown: research.users.mail" in err


def test_a_protected_schema_without_a_person_exits_with_0(shop, govern):
    shop.model("users", "select id from raw.users", USERS, schema="research")
    code, out, _ = govern("trace", shop.written(), "--protect", "research")
    assert code == 0
    assert "No column of research is a direct identifier or unknown." in out


def test_what_cannot_run_exits_with_2_and_one_line(shop, govern, tmp_path):
    shop.model("users", None, USERS)
    for folder in (shop.folder, shop.written(), tmp_path / "nowhere"):
        code, out, err = govern("trace", folder)
        assert (code, out) == (2, "")
        assert err.startswith("govern: ")


def test_coverage_is_rounded_down(shop, govern):
    columns = ", ".join(f"u.email as c{number}" for number in range(2_999))
    shop.model("wide", f"select {columns}, o.total from raw.users as u, raw.orders as o", USERS)
    _, out, _ = govern("trace", shop.written())
    assert "2,999 of 3,000 output columns answered: coverage 99.9 %" in out
