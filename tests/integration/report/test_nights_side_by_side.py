"""The nights up to this one, side by side: what each purged, left open, and released."""

from __future__ import annotations

from datetime import date

import pytest

from privacy_governance import report
from privacy_governance.report.trend import NightMeasures

REQUEST = """
insert into governance.deletion_requests (request_id, regulation_type, subject_token, received_at, confirm_by, due_on,
    state, carried_out_on)
values ('{0}', 'DELETE_ONLY', repeat('e', 64), '{1} 23:30+00', '2026-12-31', '2026-12-31', '{2}', {3})
"""
MEASURES = """
insert into governance.release_measures (night, relation, measure, value) values
    ('2026-11-22', 'research_candidate.research_users', 'smallest_class', 5),
    ('2026-11-22', 'research_candidate.research_users', 'suppressed_share', 0.04),
    ('2026-11-23', 'research_candidate.research_users', 'smallest_class', 7),
    ('2026-11-23', 'research_candidate.research_users', 'suppressed_share', 0.125),
    ('2026-11-23', 'research_candidate.research_events', 'smallest_class', 6),
    ('2026-11-23', 'research_candidate.research_events', 'suppressed_share', null)
"""


@pytest.fixture
def three_nights(governed, decide, run):
    """One that published, one that was refused, and one later than the night of the report."""
    decide("published", night="2026-11-22", decided_at="2026-11-22 04:00+00")
    decide("refused", violations=60)
    decide("published", night="2026-11-24", decided_at="2026-11-24 04:00+00")
    run(
        MEASURES,
        REQUEST.format("late", "2026-11-23", "received", "null"),
        REQUEST.format("done", "2026-11-01", "carried out", "'2026-11-23'"),
    )
    return governed


def test_each_night_up_to_this_one_is_told_with_what_it_purged_left_open_and_released(three_nights, project, night):
    # open on both nights: r-1 and r-2 of the fixture; r-3 was refused
    assert report.gather(three_nights, project, night=night).trend.rows == (
        NightMeasures(date(2026, 11, 23), "refused", 60, 38, 3, 6, 0.125),
        NightMeasures(date(2026, 11, 22), "published", 0, 1500, 3, 5, 0.04),
    )


def test_the_page_shows_them_with_the_query_that_made_them(three_nights, project, night):
    page = report.write(three_nights, project, night=night).read_text()
    shown = page.partition("The nights up to this one")[2].partition("</section>")[0]
    assert "12.5 %" in shown
    assert "2026-11-24" not in shown
    assert "from request_days" in shown


def test_a_warehouse_that_no_night_went_through_shows_none_and_says_so(governed, project, night):
    assert report.gather(governed, project, night=night).trend.rows == ()
    assert "No night up to this one is recorded." in report.write(governed, project, night=night).read_text()
