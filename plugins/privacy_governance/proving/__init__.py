"""Prove a deletion: plant people, delete them the normal way, and search every file for their bytes."""

from privacy_governance.proving.canaries import Run, Unsearchable, plan_columns
from privacy_governance.proving.files import Holding, search_files
from privacy_governance.proving.planting import Planted, plant
from privacy_governance.proving.proof import Proof, pages, prove
from privacy_governance.proving.rewriting import Rewritten, due, rewrite
from privacy_governance.proving.searching import Found, require_rights, search

__all__ = [
    "Found", "Holding", "Planted", "Proof", "Rewritten", "Run", "Unsearchable", "due", "pages", "plan_columns", "plant",
    "prove", "require_rights", "rewrite", "search", "search_files",
]  # fmt: skip
