"""What a warehouse holds, in a form that two warehouses can be compared by."""

from __future__ import annotations

from collections import Counter

from psycopg import sql

GOVERNED = (
    "raw", "staging", "intermediate", "research_candidate", "research", "research_previous", "governance", "audit",
)  # fmt: skip
# when something was written down is not what was written down; the chain's digests cover it
MOMENTS = {
    "governance.key_fingerprints": {"first_used_at"},
    "governance.nights": {"decided_at"},
    # of identifiers, when the newest receipt was entered
    "governance.column_expiries": {"loaded_until"},
    # sizes are estimates, which autovacuum changes in its own time, and the seconds are reckoned from them
    "governance.purge_plans": {"planned_at", "table_rows", "table_bytes", "estimated_seconds"},
    # a copy says how the ledger stood when it was made, and covers the receipts' own moments
    "governance.ledger_copies": {"copy_id", "digest", "copied_at"},
    "governance.purge_receipts": {"receipt_id", "purged_at", "previous_digest", "digest"},
    "governance.release_measures": {"measured_at"},
    "governance.releases": {"release_id", "published_at"},
    # covers relations by their name: a first release adds some that the models read under another schema
    "governance.traced_models": {"digest"},
    "audit.validation_results": {"validated_at"},
}


def contents(warehouse):
    """Return `{relation: its rows as text, sorted}` of every governed table; of a view, that it is one."""
    session = {"timezone": "UTC", "datestyle": "ISO"}
    found = {}
    with warehouse.connect("compare contents", session=session) as connection:
        relations = connection.execute(
            "select table_schema, table_name, table_type from information_schema.tables"
            " where table_schema = any(%s) order by 1, 2",
            [list(GOVERNED)],
        ).fetchall()
        for schema, name, kind in relations:
            if kind == "VIEW":  # what it shows follows from the tables
                found[f"{schema}.{name}"] = ["a view"]
                continue
            columns = connection.execute(
                "select column_name from information_schema.columns where table_schema = %s and table_name = %s"
                " order by ordinal_position",
                [schema, name],
            ).fetchall()
            kept = [column for (column,) in columns if column not in MOMENTS.get(f"{schema}.{name}", ())]
            row = sql.SQL(", ").join(map(sql.Identifier, kept))
            rows = connection.execute(
                sql.SQL("select row({})::text from {} order by 1").format(row, sql.Identifier(schema, name))
            )
            found[f"{schema}.{name}"] = [line for (line,) in rows]
    return found


def differences(before, after, *, shown=3):
    """Return where two contents differ, as lines to read: `shown` rows that only one has, of each relation."""
    found = []
    for name in sorted(before.keys() | after.keys()):
        if name not in before or name not in after:
            found.append(f"{name} is {'new' if name in after else 'gone'}")
            continue
        gone, new = Counter(before[name]) - Counter(after[name]), Counter(after[name]) - Counter(before[name])
        found += [f"{name} lost {row}" for row in list(gone)[:shown]]
        found += [f"{name} gained {row}" for row in list(new)[:shown]]
    return found
