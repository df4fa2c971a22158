"""Requests: read from a file, entered in the ledger with their clocks, decided, carried out, answered."""

from privacy_governance.requests.carrying_out import carry_out
from privacy_governance.requests.desk_tables import complete_tables
from privacy_governance.requests.taking_in import TakenIn, take_in

__all__ = ["TakenIn", "carry_out", "complete_tables", "take_in"]
