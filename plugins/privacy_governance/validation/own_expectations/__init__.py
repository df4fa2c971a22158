"""Expectations of this project's own, where Great Expectations' fall short; importing this registers them by name.

Each observes numbers and names of columns of a table as a whole, never a row's value.
"""

from privacy_governance.validation.own_expectations.chain import ExpectTableLedgerChainToBeUnbroken
from privacy_governance.validation.own_expectations.classes import ExpectTableClassesToHoldAtLeastK
from privacy_governance.validation.own_expectations.column_types import ExpectTableColumnsToHaveTypes
from privacy_governance.validation.own_expectations.load import (
    ExpectTableLoadToBeFresh,
    ExpectTableLoadVolumeToBeUsual,
)
from privacy_governance.validation.own_expectations.marginals import ExpectTableMarginalsToBeNearPublished

__all__ = [
    "ExpectTableClassesToHoldAtLeastK",
    "ExpectTableColumnsToHaveTypes",
    "ExpectTableLedgerChainToBeUnbroken",
    "ExpectTableLoadToBeFresh",
    "ExpectTableLoadVolumeToBeUsual",
    "ExpectTableMarginalsToBeNearPublished",
]
