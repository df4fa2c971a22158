"""The Governance page serves reports and pages of Data Docs, and no other file of the machine."""

from __future__ import annotations

import pytest

from privacy_governance.pages import docs_file, night_file

NIGHT = "2026-03-01"


@pytest.fixture
def state(tmp_path):
    """A state folder as nights leave it, with things in it that nobody may read."""
    night = tmp_path / "nights" / NIGHT
    site = tmp_path / "site" / "validations"
    for folder in (night, site):
        folder.mkdir(parents=True)
    for file in (night / "report.html", night / "report.json", night / "airflow.log", site / "run.html"):
        file.write_text("fine")
    (tmp_path / "site" / "index.html").write_text("fine")
    (tmp_path / "secret.html").write_text("secret")
    (tmp_path / "nights" / "report.html").write_text("secret")
    return tmp_path


@pytest.mark.parametrize("name", ["report.html", "report.json"])
def test_a_night_s_report_is_served(state, name):
    assert night_file(state / "nights", NIGHT, name) == (state / "nights" / NIGHT / name).resolve()


@pytest.mark.parametrize(
    ("night", "name"),
    [
        (NIGHT, "airflow.log"),
        (NIGHT, "../../secret.html"),
        (NIGHT, ""),
        ("2026-03-02", "report.html"),
        ("..", "report.html"),
        (".", "report.html"),
        ("", "report.html"),
        ("2026-03-01/../2026-03-01", "report.html"),
        ("2026-03-01\n", "report.html"),
        ("\u0662026-03-01", "report.html"),
    ],
)
def test_nothing_else_of_a_night_is_served(state, night, name):
    assert night_file(state / "nights", night, name) is None


@pytest.mark.parametrize("path", ["index.html", "validations/run.html"])
def test_pages_of_data_docs_are_served(state, path):
    assert docs_file(state / "site", path) == (state / "site" / path).resolve()


@pytest.mark.parametrize(
    "path",
    [
        "../secret.html",
        "validations/../../secret.html",
        "/etc/passwd",
        "validations",
        "",
        "index.html\0.html",
        "missing.html",
    ],
)
def test_nothing_beside_data_docs_is_served(state, path):
    assert docs_file(state / "site", path) is None


def test_an_absolute_path_is_no_page_of_data_docs(state):
    assert docs_file(state / "site", str(state / "secret.html")) is None


def test_a_link_out_of_its_folder_is_not_followed(state):
    (state / "site" / "linked.html").symlink_to(state / "secret.html")
    (state / "nights" / "2026-03-03").symlink_to(state / "elsewhere")
    (state / "elsewhere").mkdir()
    (state / "elsewhere" / "report.html").write_text("secret")
    assert docs_file(state / "site", "linked.html") is None
    assert night_file(state / "nights", "2026-03-03", "report.html") is None
