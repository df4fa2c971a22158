"""The index of nights says what each night's report says, the newest first."""

from __future__ import annotations

import json
import os

from privacy_governance.pages import page_of_nights, read_nights
from privacy_governance.pages.nights import NIGHTS_A_PAGE


def figures(*rows, missing=None):
    return {"rows": list(rows), "sql": "select", "missing": missing}


def write_report(nights, night, **facts):
    told = {
        "night": night,
        "verdict": "refused",
        "why": "1 of 2 rules found offenders.",
        "rules": figures({"name": "violation_a", "found": 2}, {"name": "violation_b", "found": 0}),
        "purged": figures({"rows": 1200}, {"rows": 34}),
        "coverage": figures({"identifiability": "unknown", "columns": 3}, {"identifiability": "none", "columns": 9}),
        "suites": figures({"unmet": 1}, {"unmet": 0}),
        "open_requests": figures({"in_all": 5}),
    }
    (nights / night).mkdir(parents=True, exist_ok=True)
    (nights / night / "report.json").write_text(json.dumps(told | facts))


def test_a_night_s_figures_are_its_report_s(tmp_path):
    write_report(tmp_path, "2026-03-01")
    (entry,), older = read_nights(tmp_path)
    assert older is None
    assert (entry.verdict, entry.broken_rules, entry.findings) == ("refused", ("violation_a",), 2)
    assert (entry.purged_rows, entry.unknown_columns, entry.unmet, entry.open_requests) == (1234, 3, 1, 5)


def test_a_figure_that_the_report_could_not_tell_is_no_zero(tmp_path):
    write_report(tmp_path, "2026-03-01", rules=figures(missing="not decided"), coverage=figures(missing="no tags"))
    (entry,), _ = read_nights(tmp_path)
    assert (entry.findings, entry.unknown_columns, entry.broken_rules) == (None, None, ())
    page = page_of_nights([entry], older=None, has_docs=False)
    assert "<dt>violations</dt><dd>-</dd>" in page


def test_a_report_written_anew_is_read_anew(tmp_path):
    write_report(tmp_path, "2026-03-01")
    read_nights(tmp_path)
    write_report(tmp_path, "2026-03-01", verdict="published")
    os.utime(tmp_path / "2026-03-01" / "report.json", ns=(1, 1))
    assert read_nights(tmp_path)[0][0].verdict == "published"


def test_more_nights_than_a_page_holds_are_led_to(tmp_path):
    for day in range(1, NIGHTS_A_PAGE + 1):
        write_report(tmp_path, f"2026-03-{day:02}")
    write_report(tmp_path, "2026-02-01")
    (tmp_path / "2026-04-01").mkdir()  # runs, and has no report yet
    (tmp_path / "lost+found").mkdir()
    first, older = read_nights(tmp_path)
    assert [entry.night for entry in first][:2] == ["2026-03-31", "2026-03-30"]
    assert len(first) == NIGHTS_A_PAGE
    assert 'href="?before=2026-03-01"' in page_of_nights(first, older=older, has_docs=False)
    rest, oldest = read_nights(tmp_path, before=older)
    assert ([entry.night for entry in rest], oldest) == (["2026-02-01"], None)


def test_without_a_night_the_page_says_how_to_run_one(tmp_path):
    entries, older = read_nights(tmp_path / "nights")
    page = page_of_nights(entries, older=older, has_docs=False)
    assert "govern nightly" in page
    assert "data-docs" not in page


def test_what_a_report_says_is_text_and_no_markup(tmp_path):
    write_report(tmp_path, "2026-03-01", why="<script>alert(1)</script>")
    entries, _ = read_nights(tmp_path)
    page = page_of_nights(entries, older=None, has_docs=True)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
