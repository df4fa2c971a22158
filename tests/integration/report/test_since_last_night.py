"""What changed is this night's facts beside the report.json of the newest earlier night."""

from __future__ import annotations

import json
from datetime import date

import pytest

from privacy_governance import report
from privacy_governance.report.changes import NO_TAG, Change, TagChange

EARLIER = "2026-11-20"


@pytest.fixture
def earlier(governed, project, night, decide):
    """The earlier night's data as a dictionary, to be changed and written; made from this night's own report."""
    decide("refused", violations=60)
    data = json.loads(report.write(governed, project, night=night).with_suffix(".json").read_text())

    def write(change=lambda _: None, on=EARLIER):
        change(data)
        folder = project.nights / on
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.json").write_text(json.dumps(data))

    return write


def changes(governed, project, night):
    return report.gather(governed, project, night=night).changes


def test_the_first_night_says_that_there_is_none_before_it(governed, project, night):
    found = changes(governed, project, night)
    assert found.since is None
    assert "no earlier night has a report.json" in found.missing


def test_an_equal_night_changed_nothing(governed, project, night, earlier):
    earlier()
    found = changes(governed, project, night)
    assert found.since == date(2026, 11, 20)
    assert {each.difference for each in found.figures} == {0}
    assert (found.rules, found.tags, found.rules_missing, found.tags_missing) == ((), (), None, None)


def test_violations_come_and_go(governed, project, night, earlier):
    def other(data):
        for rule in data["rules"]["rows"]:
            rule["offenders"] = 0 if rule["name"] == "violation_undeclared_column" else 3
        data["rules"]["rows"].append({"name": "violation_retired", "offenders": 2})

    earlier(other)
    assert changes(governed, project, night).rules == (
        Change("violation_release_under_k", 3, 0),
        Change("violation_retired", 2, None),
        Change("violation_undeclared_column", 0, 60),
    )


def test_columns_come_and_go_and_change_their_tag(governed, project, night, earlier):
    def other(data):
        kept = [each for each in data["tags"]["rows"] if each["column"] != "raw.users.legacy"]
        kept[0]["tag"] = "none"
        data["tags"]["rows"] = [*kept, {"column": "raw.users.fax", "tag": "direct: identifiers_general"}]

    earlier(other)
    assert changes(governed, project, night).tags == (
        TagChange("raw.users.email", "none", "direct: identifiers_general"),
        TagChange("raw.users.fax", "direct: identifiers_general", NO_TAG),
        TagChange("raw.users.legacy", NO_TAG, "unknown"),
    )


def test_new_and_closed_requests_and_purged_rows_are_counted(governed, project, night, earlier):
    def other(data):
        data["request_states"]["rows"] = [{"state": "received", "requests": 1}]
        data["purged"]["rows"] = [{"rows": 30, "subjects": 0}]

    earlier(other)
    found = {each.what: each.difference for each in changes(governed, project, night).figures}
    assert found["requests received, in all"] == 2
    assert found["requests closed, in all"] == 1
    assert found["requests in state received"] == -1
    assert found["rows purged"] == 8


def test_the_newest_earlier_night_counts_and_no_later_one(governed, project, night, earlier):
    earlier(on="2026-11-19")
    earlier()
    earlier(on="2026-11-24")
    earlier(on="not-a-night")
    assert changes(governed, project, night).since == date(2026, 11, 20)


@pytest.mark.parametrize("content", ["{", "[]", '{"verdict": "published"}'], ids=["cut off", "a list", "another shape"])
def test_an_earlier_report_that_cannot_be_read_is_said_with_its_fix(governed, project, night, *, content):
    (project.nights / EARLIER).mkdir(parents=True)
    (project.nights / EARLIER / "report.json").write_text(content)
    assert f"govern report --date {EARLIER}" in changes(governed, project, night).missing


def test_a_report_from_before_tags_were_kept_says_so(governed, project, night, earlier):
    earlier(lambda data: data.pop("tags"))
    found = changes(governed, project, night)
    assert "before it kept them" in found.tags_missing
    assert found.missing is None
