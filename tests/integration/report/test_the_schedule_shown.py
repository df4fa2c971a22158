"""Of each category of the notice the report says how long it is kept, why, and what is next to go."""

from __future__ import annotations

from datetime import date

from privacy_governance import report
from privacy_governance.report.schedule import CategoryPeriod

SCHEDULED = """
insert into audit.retention_schedule values
    ('raw.tracks', 'context_ip', '90 days', 'collected', 'redact_column', 'compliance', '{service_delivery}',
        'Security', '2026-09-01', '2026-11-30'),
    ('raw.pages', 'context_ip', '90 days', 'collected', 'redact_column', 'compliance', '{site_operation}',
        'Security', '2026-08-30', '2026-11-28'),
    ('raw.pages', 'id', '24 months', 'collected', 'delete_row', 'service_delivery', '{site_operation}',
        'Notice: as identifies', '2018-01-01 23:30-02', '2020-01-02')
"""
TAGGED = """
insert into governance.column_tags values
    ('raw.tracks', 'id', '{usage}', 'quasi', 'declared', '{raw.tracks.id}', null),
    ('raw.tracks', 'context_ip', '{identifiers_online}', 'quasi', 'declared', '{raw.tracks.context_ip}', null),
    ('raw.pages', 'context_ip', '{identifiers_online}', 'quasi', 'declared', '{raw.pages.context_ip}', null),
    ('raw.pages', 'id', '{usage}', 'quasi', 'declared', '{raw.pages.id}', null)
"""
LABELLED = """
insert into governance.notice_categories values
    ('usage', 'Network Information', 2, '2020-01-01', null),
    ('usage', 'Its label of before', 2, '2010-01-01', '2020-01-01'),
    ('identifiers_online', 'Identifiers (online)', 1, '2020-01-01', null)
"""


def test_a_category_s_columns_and_rows_are_told_with_their_purposes_oldest_row_and_next_expiry(
    governed, project, night, decide, run
):
    run(SCHEDULED, TAGGED, LABELLED)
    decide("published")
    assert report.gather(governed, project, night=night).categories.rows == (
        CategoryPeriod(
            "Identifiers (online)",
            ("context_ip",),
            "90 days",
            "collected",
            ("service_delivery", "site_operation"),
            ("Security",),
            2,
            date(2026, 8, 30),
            date(2026, 11, 28),
        ),
        CategoryPeriod(
            "Network Information",
            None,
            "24 months",
            "collected",
            ("marketing", "service_delivery", "site_operation"),
            ("Notice: as identifies",),
            2,
            date(2018, 1, 2),
            date(2020, 1, 2),
        ),
    )


def test_a_day_that_is_past_is_told_as_such(governed, project, night, decide, run):
    run(SCHEDULED, TAGGED, LABELLED)
    decide("published")
    text = report.write(governed, project, night=night).read_text()
    assert "2020-01-02, past" in text
    assert "2026-11-28, past" not in text
