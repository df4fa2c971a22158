"""Purge what tombstones and retention doom: planned, limited, carried out in batches with receipts."""

from privacy_governance.purging.carrying_out import order, purge, purged, record
from privacy_governance.purging.planning import plan
from privacy_governance.purging.plans import Excess, PlannedPurge, Purged, PurgePlan
from privacy_governance.purging.scans import unserved_clocks
from privacy_governance.purging.vacuuming import Vacuumed, vacuum

__all__ = [
    "Excess", "PlannedPurge", "PurgePlan", "Purged", "Vacuumed", "order", "plan", "purge", "purged", "record",
    "unserved_clocks", "vacuum",
]  # fmt: skip
