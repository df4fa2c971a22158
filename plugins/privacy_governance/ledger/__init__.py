"""The ledger: its hash chain recomputed, and its copy outside the warehouse."""

from privacy_governance.ledger.copying import Copied, copy
from privacy_governance.ledger.standing import require_current
from privacy_governance.ledger.verifying import Finding, Verification, verify

__all__ = ["Copied", "Finding", "Verification", "copy", "require_current", "verify"]
