"""Retention by category and purpose: how long each column may stay, why, and up to when that was carried out."""

from privacy_governance.retention.expiries import remember, sweep
from privacy_governance.retention.schedule import (
    CategoryPeriod,
    ScheduledColumn,
    ScheduledUse,
    notice_text,
    scheduled_categories,
    scheduled_columns,
    scheduled_uses,
    uses_known_from,
)

__all__ = [
    "CategoryPeriod", "ScheduledColumn", "ScheduledUse", "notice_text", "remember", "scheduled_categories",
    "scheduled_columns", "scheduled_uses", "sweep", "uses_known_from",
]  # fmt: skip
