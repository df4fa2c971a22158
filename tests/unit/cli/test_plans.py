"""What `govern nightly --dry-run` prints of a plan."""

from __future__ import annotations

from dataclasses import replace

import pytest

from privacy_governance.cli import nightly
from privacy_governance.purging import PlannedPurge, PurgePlan
from privacy_governance.purging.strategies import Choice

DIGEST = "d" * 64
TRACKS = PlannedPurge(
    model="int_tracks__doomed",
    relation="raw.tracks",
    reason="retention",
    rows=250,
    subjects=0,
    redacted=50,
    fingerprint=1,
    table_rows=10_000,
    table_bytes=2_000_000,
    choice=Choice("delete", "2.50 % of the rows", 0.4),
)


@pytest.fixture
def printed(capsys):
    """Prints a plan of these purges into a pipe."""

    def of(*purges):
        nightly.print_plan(PurgePlan("2026-03-01", purges, DIGEST))
        return [line.rstrip() for line in capsys.readouterr().out.splitlines()]

    return of


def test_a_plan_tells_what_would_go_of_each_relation_and_by_which_digest(printed):
    lines = printed(TRACKS)
    assert lines[0] == "Would be purged in the night of 2026-03-01"
    assert lines[1].split() == ["relation", "reason", "rows", "share", "subjects", "size", "strategy", "estimate"]
    assert "250 (50 redacted)" in lines[2]
    assert "2.50%" in lines[2]
    assert lines[3] == "  delete: 2.50 % of the rows"
    assert lines[-2:] == ["250 rows; nothing was purged", f"plan digest {DIGEST}"]


def test_a_relation_with_brackets_in_its_name_keeps_them(printed):
    assert 'raw."orders[eu]"' in printed(replace(TRACKS, relation='raw."orders[eu]"'))[2]


def test_a_pipe_has_no_width_to_fold_a_name_to(printed):
    name = "intermediate.int_previous_research_signup_funnel__doomed"
    assert printed(replace(TRACKS, relation=name))[2].startswith(name)


def test_a_plan_of_nothing_says_so_and_has_a_digest_to_order(printed):
    assert printed() == [
        "Nothing would be purged in the night of 2026-03-01",
        "0 rows; nothing was purged",
        f"plan digest {DIGEST}",
    ]
