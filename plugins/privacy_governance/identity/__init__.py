"""Identity: from what a request names to all identifiers of its subject, and no stranger's."""

from privacy_governance.identity.resolving import MAXIMUM, Resolved, read_afresh, resolve

__all__ = ["MAXIMUM", "Resolved", "read_afresh", "resolve"]
