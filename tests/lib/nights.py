"""Nights in this process, without Airflow: the same steps in the same order."""

from __future__ import annotations

from datetime import date

from lib.checkouts import KEY, SALT
from privacy_governance.errors import GovernanceError
from privacy_governance.keys import Keys
from privacy_governance.night import ENFORCE, STEPS, Night

ON = date(2026, 3, 1)


def night_of(checkout, on=ON):
    """Return the night `on` of a checkout."""
    return Night(on, checkout.settings, checkout.warehouse, Keys.derive(KEY, salt=SALT))


def enforce(checkout, on=ON):
    """Run compile, trace, tag, tombstone and purge."""
    for step in ENFORCE.values():
        step(night_of(checkout, on))


def govern_night(checkout, on=ON):
    """Run every step as the DAGs do; return the error that kept it from publishing, None where it published."""
    enforce(checkout, on)
    night = night_of(checkout, on)
    refusal = None
    for name in ("anonymize", "validate", "publish"):
        try:
            STEPS[name](night)
        except GovernanceError as error:
            refusal = error
            break
    STEPS["report"](night)
    return refusal
