"""Which night may be run: none before one that was decided, and none that has not come."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from privacy_governance.errors import StepError

if TYPE_CHECKING:
    from privacy_governance.warehouse import Warehouse

# a day that has begun somewhere on earth has come: no zone is more than 14 hours before UTC
AHEAD = timedelta(hours=14)


def require_its_turn(warehouse: Warehouse, on: date) -> None:
    """Refuse a night that would decide by dates which don't hold (`refusal`).

    Raises:
        StepError: it is not the turn of `on`; says which nights may be run.

    """
    why = refusal(on, now=datetime.now(UTC), decided=_decided_last(warehouse))
    if why is not None:
        raise StepError(why)


def refusal(on: date, *, now: datetime, decided: date | None) -> str | None:
    """Return why it is not the turn of the night `on`, where `decided` is the last that was; None: it is.

    One before a night that was decided: that one's purge took rows by later dates, and its release is newer. One that
    has not come: retention would take by its date what must still be kept, and no night before it could be run again.
    """
    today, come = now.date(), (now + AHEAD).date()
    if on > come:
        return (
            f"the night {on} has not come, today is {today} (UTC): it would delete what is kept until then. "
            f"Run {today}: govern nightly --date {today}."
        )
    if decided is not None and decided > come:
        return (
            f"the night {decided} was run on this warehouse and has not come, today is {today} (UTC). See what it "
            f"deleted too early (govern report --date {decided}), then remove its row from governance.nights."
        )
    if decided is not None and decided > on:
        return (
            f"the night {decided} was run on this warehouse, and {on} is before it: it would decide by older dates "
            f"about what is left, and put an older release before readers. Run {decided} again, or a later night. "
            f"For the page of an earlier one: govern report --date {on}."
        )
    return None


def _decided_last(warehouse: Warehouse) -> date | None:
    with warehouse.connect("look for later nights") as connection:
        if connection.execute("select to_regclass('governance.nights')").fetchone() == (None,):
            return None  # a warehouse before its first night
        row = connection.execute("select max(night) from governance.nights").fetchone()
        return row[0] if row else None
