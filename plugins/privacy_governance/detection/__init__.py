"""Detection: what nobody declared, found by name and by sampled values, suggested to a person."""

from privacy_governance.detection.classify import classify, classify_sample
from privacy_governance.detection.contradicting import Contradiction, DeclaredTag, contradictions
from privacy_governance.detection.declaring import suggested_yaml
from privacy_governance.detection.suggestion import Evidence, Suggestion

__all__ = [
    "Contradiction",
    "DeclaredTag",
    "Evidence",
    "Suggestion",
    "classify",
    "classify_sample",
    "contradictions",
    "suggested_yaml",
]
