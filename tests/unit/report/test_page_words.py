"""Small things the page says, each in one way."""

from __future__ import annotations

from privacy_governance.report.page import changing


def test_a_path_leaves_out_what_only_passes_a_column_on():
    path = ("raw.users.email", "email", "staging.stg_users.email", "lower(email)", "research.users.email")
    assert changing(path) == ("raw.users.email", "staging.stg_users.email", "lower(email)", "research.users.email")
