"""Publish what was validated, keep what stood before, and return to it."""

from privacy_governance.publishing.contents import CANDIDATE, PREVIOUS, RELEASE, content_digest, relations_in
from privacy_governance.publishing.history import Published, history
from privacy_governance.publishing.policy import policy_digest
from privacy_governance.publishing.returning import rollback
from privacy_governance.publishing.swapping import Release, publish

__all__ = [
    "CANDIDATE",
    "PREVIOUS",
    "RELEASE",
    "Published",
    "Release",
    "content_digest",
    "history",
    "policy_digest",
    "publish",
    "relations_in",
    "rollback",
]
