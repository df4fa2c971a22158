"""The night's report: what an auditor reads, every figure with the query that made it."""

from privacy_governance.report.facts import Figures, NightFacts, Verdict
from privacy_governance.report.gathering import gather
from privacy_governance.report.ran import require_ran
from privacy_governance.report.writing import write

__all__ = ["Figures", "NightFacts", "Verdict", "gather", "require_ran", "write"]
