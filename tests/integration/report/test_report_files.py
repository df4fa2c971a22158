"""The page and its data are written whole, need nothing else, and say the same."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from privacy_governance import report
from privacy_governance.errors import StepError
from privacy_governance.transformations import Transformations

VOID = {"meta", "br", "wbr"}


class Outline(HTMLParser):
    """Collects what is open, ids, links within the page, and addresses of anything else."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.links, self.addresses, self.tables, self.captions = [], [], [], [], 0, 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag not in VOID:
            self.open.append(tag)
        self.tables += tag == "table"
        self.captions += tag == "caption"
        if "id" in values:
            self.ids.append(values["id"])
        for name in ("href", "src"):
            target = values.get(name)
            if target and target.startswith("#"):
                self.links.append(target[1:])
            elif target:
                self.addresses.append(target)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_and_its_data_are_written_and_nothing_else(governed, project, night, decide):
    decide("refused", violations=60)
    page = report.write(governed, project, night=night)
    assert page == project.nights / night / "report.html"
    assert sorted(file.name for file in page.parent.iterdir()) == ["report.html", "report.json"]


@pytest.mark.parametrize("state", [None, "enforced", "validated", "refused", "published"])
def test_the_page_is_well_formed_and_needs_nothing_else_whatever_became_of_the_night(
    governed, project, night, decide, *, say, state
):
    if state:
        decide(state, violations=60)
    say(("compile", "80 nodes compiled", 58), ("tag", "3 columns tagged", 59), ("validate", "stopped: offenders", 60))
    text = report.write(governed, project, night=night).read_text()
    assert "80 nodes compiled" in text
    outline = Outline(text)
    assert outline.open == []
    assert outline.addresses == []
    assert set(outline.links) <= set(outline.ids)
    assert len(set(outline.ids)) == len(outline.ids)
    assert outline.tables == outline.captions
    assert "not legal advice" in text
    assert not re.search(r"https?:|@import|url\(|<script", text)


def test_a_name_that_looks_like_markup_is_shown_as_it_is(governed, project, night, decide, run):
    run("insert into audit.violation_release_under_k values ('raw.\"<b>x\"', '<script>', 900, 'a <i> & b')")
    decide("refused", violations=960)
    text = report.write(governed, project, night=night).read_text()
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "a &lt;i&gt; &amp; b" in text


@pytest.mark.parametrize(
    ("steps", "is_told"),
    [
        ((("tombstone", "stopped: no key", 3),), True),
        ((("tombstone", "0 new requests", 3), ("purge", "stopped: over its limit", 4)), True),
        ((("tombstone", "0 new requests", 3), ("purge", "0 rows of 0 relations", 4)), False),
    ],
    ids=["stopped before", "stopped in it", "through"],
)
def test_a_night_without_receipts_says_whether_its_purge_came_to_its_end(
    governed, project, night, run, say, *, steps, is_told
):
    run("alter table governance.purge_receipts disable trigger user", "delete from governance.purge_receipts")
    say(*steps)
    text = report.write(governed, project, night=night).read_text()
    assert "no receipt bears its date" in text
    assert ("rows may still be doomed" in text) == is_told


def test_the_copy_is_told_as_what_the_warehouse_says_of_it(governed, project, night, run):
    run("insert into governance.ledger_copies (copy_id, digest, newest_receipt) values (3, repeat('e', 64), 5)")
    text = report.write(governed, project, night=night).read_text()
    assert "The warehouse says so; <code>govern verify-ledger</code> looks at the files" in text


def test_the_first_findings_are_shown_and_the_rest_counted(governed, project, night, decide):
    decide("refused", violations=60)
    text = report.write(governed, project, night=night).read_text()
    assert text.count("has no ccpa_category. Tag it.") == 50
    assert "The first 50 of 60" in text


def test_the_data_say_what_the_page_says(governed, project, night, decide):
    decide("refused", violations=60)
    data = json.loads(report.write(governed, project, night=night).with_suffix(".json").read_text())
    assert data["verdict"] == "refused"
    assert data["night"] == night
    assert data["rules"]["rows"][0]["offenders"] == 60
    assert "from governance.purge_receipts" in data["purges"]["sql"]


def test_a_token_of_a_subject_is_on_no_page(governed, project, night, decide):
    decide("refused", violations=60)
    page = report.write(governed, project, night=night)
    for file in (page, page.with_suffix(".json")):
        assert "a" * 64 not in file.read_text()
        assert "b" * 64 not in file.read_text()


def test_a_folder_that_cannot_be_written_to_is_said_in_one_line(governed, project, night):
    project.state.mkdir()
    project.nights.write_text("a file where the folder should be")
    with pytest.raises(StepError, match="could not be written"):
        report.write(governed, project, night=night)


def test_a_compiled_project_lends_the_rules_their_words_and_the_chart_its_other_side(governed, project, night, decide):
    decide("refused", violations=60)
    Transformations(project, governed, {"timezone": "UTC", "governance.night": night}).run("parse")
    facts = report.gather(governed, project, night=night)
    assert facts.violations[0].remedy.startswith("Tag the column")
    assert facts.chart.missing is None
    assert len(facts.chart.rows) == 8 * 4
    assert len(facts.chart_differences) >= sum(1 for cell in facts.chart.rows if not cell.agrees)


def test_a_night_with_thousands_of_findings_and_hundreds_of_columns_stays_small(governed, project, night, decide, run):
    run(
        "insert into audit.violation_release_under_k select 'raw.t', 'c' || n, 1, repeat('what to do ', 20)"
        " from generate_series(1, 5000) as n",
        "insert into governance.column_tags select 'research_candidate.wide', 'column_' || n, '{inferences}', 'quasi',"
        " 'derived', array['raw.wide.column_' || n], repeat('what moved it ', 10) from generate_series(1, 400) as n",
        "insert into governance.column_tags"
        " select 'raw.wide', 'column_' || n, '{}', 'unknown', 'unknown', '{}', 'Tag it'"
        " from generate_series(1, 400) as n",
    )
    decide("refused", violations=5060)
    page = report.write(governed, project, night=night)
    text = page.read_text()
    assert "The first 50 of 5,000" in text
    assert "The first 50 of 401" in text
    assert "<summary>All 401 columns</summary>" in text
    assert len(text) < 500_000
    assert len(page.with_suffix(".json").read_text()) < 500_000
