"""Hold the candidate to its contract and violations at zero; only what is validated can be published."""

from privacy_governance.validation.deciding import validate
from privacy_governance.validation.outcome import Expected, Validation, ViolationCount, require_met

__all__ = ["Expected", "Validation", "ViolationCount", "require_met", "validate"]
