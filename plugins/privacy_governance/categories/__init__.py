"""The taxonomy: the statute's categories, the notice's chart, the kinds people tag with, all from seeds."""

from privacy_governance.categories.loading import load_taxonomy
from privacy_governance.categories.taxonomy import Taxonomy
from privacy_governance.categories.terms import (
    Aspect,
    Disclosure,
    NoticeCategory,
    Party,
    PiKind,
    Purpose,
    SensitiveKind,
    Source,
    StatuteCategory,
    Term,
)
from privacy_governance.categories.uses import DeclaredUse, uses_of_column

__all__ = [
    "Aspect",
    "DeclaredUse",
    "Disclosure",
    "NoticeCategory",
    "Party",
    "PiKind",
    "Purpose",
    "SensitiveKind",
    "Source",
    "StatuteCategory",
    "Taxonomy",
    "Term",
    "load_taxonomy",
    "uses_of_column",
]
