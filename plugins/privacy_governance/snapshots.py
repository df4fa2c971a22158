"""What dbt adds to the rows of a snapshot, as SQL around the snapshot's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def with_snapshot_columns(sql: str, config: Mapping[str, Any], dialect: str) -> str:
    """Return the query of a snapshot's table: the snapshot's query with the columns that dbt adds.

    As dbt's snapshot materialization does: the id of a version is a hash of the unique key and of when it changed, by
    the column `updated_at` (strategy timestamp) or by the clock of the run (strategy check).
    """
    names = config.get("snapshot_meta_column_names") or {}

    def named(column: str) -> str:
        return str(names.get(column) or column)

    key = config.get("unique_key") or "null"
    keys = [key] if isinstance(key, str) else list(key)
    is_timed = config.get("strategy") == "timestamp" and config.get("updated_at")
    moment = str(config["updated_at"]) if is_timed else "current_timestamp"
    added = [
        f"md5(concat({', '.join([*keys, moment])})) as {named('dbt_scd_id')}",
        f"{moment} as {named('dbt_updated_at')}",
        f"{moment} as {named('dbt_valid_from')}",
        f"{moment} as {named('dbt_valid_to')}",
    ]
    if config.get("hard_deletes") == "new_record":
        added.append(f"'False' as {named('dbt_is_deleted')}")
    # in one line before the query: its own lines keep their numbers
    alias = "" if dialect == "oracle" else "as "
    query = sql.rstrip().rstrip(";")
    return f"select snapshotted.*, {', '.join(added)} from ({query}\n) {alias}snapshotted"  # noqa: S608 - traced, never run
