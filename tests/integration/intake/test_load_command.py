"""`govern load`: what it prints of a dump."""

from __future__ import annotations

import typer
from typer.testing import CliRunner

from privacy_governance.cli import data
from privacy_governance.settings import Settings


def test_a_file_with_brackets_in_its_name_is_listed_by_all_of_it(warehouse, tmp_path, monkeypatch):
    (tmp_path / "orders[eu].csv").write_text("order_id\n1\n")
    monkeypatch.setattr(data, "settings", lambda: Settings(warehouse_url=warehouse.url))
    app = typer.Typer()
    data.add_to(app)
    loaded = CliRunner().invoke(app, ["load", str(tmp_path)], catch_exceptions=False, env={"COLUMNS": "200"})
    assert loaded.exit_code == 0
    assert "orders[eu].csv" in loaded.output
    assert 'raw."orders[eu]"' in loaded.output
