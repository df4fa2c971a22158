"""Arguments that no layer can be made from are refused before anything is opened."""

from __future__ import annotations

import datetime

import pytest

from privacy_governance.errors import GovernanceError
from privacy_governance.generation import GeneratedLayer, generate
from privacy_governance.warehouse import Warehouse

NOWHERE = Warehouse("postgresql://nowhere.invalid/none")
NIGHT = datetime.date(2026, 3, 1)


@pytest.mark.parametrize("users", [-1, 0, 19, 50_000_001])
def test_a_number_of_users_out_of_range_is_refused_with_the_range(users):
    with pytest.raises(GovernanceError, match="Ask for 20 to 50,000,000"):
        generate(NOWHERE, users=users, seed=1, as_of=NIGHT)


@pytest.mark.parametrize("seed", [-1, 2**31])
def test_a_seed_out_of_range_is_refused_with_the_range(seed):
    with pytest.raises(GovernanceError, match="from 0 to 2147483647"):
        generate(NOWHERE, users=20, seed=seed, as_of=NIGHT)


def test_events_are_the_rows_of_all_event_tables_and_of_no_other():
    rows = {"identifies": 1, "pages": 2, "screens": 4, "tracks": 8, "signed_up": 16}
    rows |= {"order_completed": 32, "feature_used": 64, "users": 1000, "payments": 1000}
    assert GeneratedLayer(rows=rows, seconds=1.0).events == 127
