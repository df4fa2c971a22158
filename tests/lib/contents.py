"""What a warehouse holds, in a form that two warehouses can be compared by."""

from __future__ import annotations

from psycopg import sql

GOVERNED = (
    "raw", "staging", "intermediate", "research_candidate", "research", "research_previous", "governance", "audit",
)  # fmt: skip
# when something was written down is not what was written down; the chain's digests cover it
MOMENTS = {
    "governance.key_fingerprints": {"first_used_at"},
    "governance.nights": {"decided_at"},
    "governance.purge_plans": {"planned_at"},
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
    """Return `{relation: (rows, digest of the rows in any order)}` of every governed table and view."""
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
                found[f"{schema}.{name}"] = "a view"
                continue
            columns = connection.execute(
                "select column_name from information_schema.columns where table_schema = %s and table_name = %s"
                " order by ordinal_position",
                [schema, name],
            ).fetchall()
            kept = [column for (column,) in columns if column not in MOMENTS.get(f"{schema}.{name}", ())]
            row = sql.SQL(", ").join(map(sql.Identifier, kept))
            found[f"{schema}.{name}"] = connection.execute(
                sql.SQL(
                    "select count(*), md5(string_agg(row_digest, '' order by row_digest))"
                    " from (select md5(row({})::text) as row_digest from {}) as digests"
                ).format(row, sql.Identifier(schema, name))
            ).fetchone()
    return found
