"""What analyst, auditor and PUBLIC may do in a warehouse that no row of the policy allows."""

from __future__ import annotations

import csv

from privacy_governance.settings import CHECKOUT

POLICY = CHECKOUT / "dbt_project" / "seeds" / "role_policies.csv"
HELD = """
select role_name, object_kind, schema_name, object_name, column_name, privilege, remedy from governance.privileges
"""


def beyond_policy(connection):
    """Return {(role, kind, name, column, privilege): remedy}."""
    with POLICY.open() as rows:
        allowed = {tuple(row.values())[:4] for row in csv.DictReader(rows)}
    return {
        (role, kind, name, column, privilege): remedy
        for role, kind, schema, name, column, privilege, remedy in connection.execute(HELD)
        if not any((role, kind, each, privilege) in allowed for each in (name, f"{schema}.*", "*"))
    }
