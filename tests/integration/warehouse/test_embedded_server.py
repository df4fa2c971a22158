"""The embedded server is the same on every machine."""

from __future__ import annotations

import os

import psycopg

from privacy_governance.warehouse.embedded import embedded_server


def test_text_is_sorted_by_its_bytes_whatever_the_environment_says(tmp_path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    with embedded_server(tmp_path / "warehouse") as url, psycopg.connect(url) as connection:
        order, letters, lowered = connection.execute(
            "select datcollate, datctype, lower('Ä') from pg_database where datname = current_database()"
        ).fetchone()
    assert (order, letters, lowered) == ("C", "C.UTF-8", "ä")
    assert os.environ["LC_ALL"] == "C.UTF-8"
    assert "LC_COLLATE" not in os.environ
