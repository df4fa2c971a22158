"""Which night may be run, by the clock and by what was decided."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from privacy_governance.turns import refusal

FIRST, SECOND, THIRD = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(("hour", "has_come"), [(0, False), (9, False), (10, True), (23, True)])
def test_a_day_has_come_as_soon_as_it_has_begun_somewhere_on_earth(hour, has_come):
    # at 10:00 UTC the next day begins on the Line Islands, 14 hours ahead
    assert (refusal(SECOND, now=NOON.replace(hour=hour), decided=None) is None) == has_come


def test_a_night_that_has_not_come_says_which_may_be_run():
    assert "has not come, today is 2026-03-01 (UTC)" in refusal(THIRD, now=NOON, decided=FIRST)
    assert "govern nightly --date 2026-03-01" in refusal(THIRD, now=NOON, decided=FIRST)


def test_a_night_may_be_run_again_and_one_before_it_may_not():
    assert refusal(SECOND, now=NOON, decided=SECOND) is None
    assert "2026-03-01 is before it" in refusal(FIRST, now=NOON, decided=SECOND)


def test_a_night_that_was_decided_before_it_came_stops_every_other():
    assert "remove its row from governance.nights" in refusal(FIRST, now=NOON, decided=THIRD)
