"""A limit on the share of rows that one night may purge stops a runaway: a wrong rule, clock or identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from privacy_governance import reviews
from privacy_governance.errors import StepError
from privacy_governance.purging.plans import Excess

if TYPE_CHECKING:
    from collections.abc import Iterable

    from privacy_governance.manifest import Manifest
    from privacy_governance.purging.plans import PlannedPurge, PurgePlan
    from privacy_governance.warehouse import Connection

PURGED_TONIGHT = """
select relation, sum(purged_rows)::bigint from governance.purge_receipts where night = %s group by relation
"""

# rows as the server keeps count of them: none that a loader deleted since the last ANALYZE, which an estimate still has
LIVE = """
select coalesce(sum(pg_stat_get_live_tuples(leaf.oid)), 0)::bigint
from pg_class as leaf
where leaf.oid = %(relation)s::regclass or leaf.oid in (select relid from pg_partition_tree(%(relation)s))
"""


def excesses(
    connection: Connection, manifest: Manifest, purges: Iterable[PlannedPurge], *, night: str
) -> tuple[Excess, ...]:
    """Return the relations of which tonight, earlier runs of it included, would purge more rows than their limit."""
    before = {relation: int(rows) for relation, rows in connection.execute(PURGED_TONIGHT, [night])}
    models = {model.name: model for model in manifest.models}
    own = {source.relation: source.meta.get("purge_limit") for source in manifest.sources}
    sizes = {purge.relation: (purge.table_rows, models[purge.model].meta) for purge in purges}
    rows: dict[str, int] = {}
    for purge in purges:
        rows[purge.relation] = rows.get(purge.relation, 0) + purge.rows
    found = []
    for relation, (table_rows, meta) in sorted(sizes.items()):
        tonight = rows[relation] + before.get(relation, 0)
        share = own.get(relation)
        share = float(meta["purge_limit"] if share is None else share)
        least = int(meta["purge_limit_rows"])
        if tonight <= least:
            continue
        likely = min(table_rows, _live(connection, relation))
        if tonight <= allowed(likely + before.get(relation, 0), share, least):
            continue
        # an estimate must not stop a night, nor a share of it let one go
        exact = _count(connection, relation) + before.get(relation, 0)
        if tonight > allowed(exact, share, least):
            found.append(Excess(relation, tonight, exact, allowed(exact, share, least)))
    return tuple(found)


def allowed(table_rows: int, share: float, least: int) -> int:
    """Return how many of `table_rows` one night may purge: their `share`, and `least` whatever their share."""
    return max(least, int(table_rows * share))


def require_within_limits(connection: Connection, plan: PurgePlan) -> None:
    """Let a plan go that is within every limit, or that a person approved; else ask a person.

    Raises:
        StepError: nobody approved it yet, or somebody rejected it; names relations, counts and what to do.

    """
    if not plan.excesses:
        return
    decided = reviews.decision(connection, "purge plan", plan.digest)
    if decided == "approved":
        return
    what = "; ".join(str(each) for each in plan.excesses)
    finding = f"Tonight would purge more than its limit of {what}."
    reviews.open_review(connection, "purge plan", plan.digest, finding, plan.night)
    connection.commit()
    number = next(each.review_id for each in reviews.every(connection) if each.about == plan.digest)
    if decided == "rejected":
        raise StepError(
            f"nothing was purged: review {number} rejected the plan {plan.digest[:12]}: {what}. Correct what dooms "
            "these rows (retention_rules.csv, the table's clock, a request's identifiers), then run the night again."
        )
    raise StepError(
        f"nothing was purged: more than its limit of {what}. Look at the plan: govern nightly --date {plan.night} "
        f"--dry-run. If it is right: govern review approve {number}, then run the night again. If it is always so: "
        "config.meta.purge_limit of the table in its sources YAML."
    )


def _count(connection: Connection, relation: str) -> int:
    row = connection.execute(sql.SQL("select count(*) from {}").format(sql.SQL(relation))).fetchone()
    return int(row[0]) if row else 0


def _live(connection: Connection, relation: str) -> int:
    row = connection.execute(LIVE, {"relation": relation}).fetchone()
    return int(row[0]) if row else 0
