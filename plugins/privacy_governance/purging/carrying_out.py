"""Carry out a night's purge: plan, hold the plan to its order and its limits, let dbt's materialization do it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from psycopg import sql

from privacy_governance.errors import StepError, WarehouseError
from privacy_governance.purging.counting import done_under
from privacy_governance.purging.limits import require_within_limits
from privacy_governance.purging.planning import plan, planned_table
from privacy_governance.purging.plans import Purged, changes, together

if TYPE_CHECKING:
    from privacy_governance.manifest import Manifest, Model
    from privacy_governance.purging.plans import PurgePlan
    from privacy_governance.transformations import Transformations
    from privacy_governance.warehouse import Connection

# as many as dbt's threads carry out (dbt_project/profiles.yml)
RELATIONS_AT_A_TIME = 2

# grouped by hash: count(distinct …) would sort a receipt a subject
SUM = """
select
    coalesce(sum(purged_rows), 0)::bigint,
    (
        select count(*)
        from (select from governance.purge_receipts where night = %(night)s group by relation) as relations
    ),
    count(subject_token)
from (
    select subject_token, sum(purged_rows) as purged_rows
    from governance.purge_receipts where night = %(night)s group by subject_token
) as subjects
"""

RECORD = """
insert into governance.purge_plans (
    night, plan_digest, relation, reason, planned_rows, subjects, table_rows, table_bytes, strategy, strategy_reason,
    estimated_seconds
) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict do nothing
"""


def purge(transformations: Transformations, manifest: Manifest, *, night: str) -> Purged:
    """Purge what the night dooms, and return what its receipts say; a killed purge goes on where it was.

    Raises:
        StepError: the plan is not the one ordered, or is over a limit: nothing was purged. Or a purge model failed.
        WarehouseError: a relation is locked, or rows changed while they were purged: run the night again.

    """
    with ExitStack() as opened:
        connection, *beside = (
            opened.enter_context(
                transformations.warehouse.connect("plan the purge", autocommit=True, session=transformations.session)
            )
            for _ in range(RELATIONS_AT_A_TIME)
        )
        planned = plan(connection, manifest, night=night, beside=beside)
        require_order(connection, planned)
        require_within_limits(connection, planned)
        models = _accept(connection, manifest, planned)
        connection.execute("delete from governance.purge_troubles where night = %s", [night])
        if models:
            try:
                transformations.run("run", *(model.name for model in models))
            except StepError:
                if trouble := _trouble(connection, night=night):
                    raise WarehouseError(trouble) from None
                raise
        return purged(connection, night=night)


def order(connection: Connection, plan_digest: str | None, *, night: str) -> None:
    """Let `night` carry out exactly the plan of this digest, or none; None: whatever is doomed then."""
    if plan_digest is None and connection.execute("select to_regclass('governance.purge_orders')").fetchone() == (
        None,
    ):
        return  # a warehouse before its first night
    connection.execute("delete from governance.purge_orders where night = %s", [night])
    if plan_digest is not None:
        connection.execute(
            "insert into governance.purge_orders (night, plan_digest) values (%s, %s)", [night, plan_digest]
        )


def record(connection: Connection, planned: PurgePlan) -> None:
    """Write a plan into the ledger: what a dry run showed, or what is about to be purged."""
    with connection.cursor() as cursor:
        cursor.executemany(
            RECORD,
            [
                (
                    planned.night, planned.digest, each.relation, each.reason, each.rows, each.subjects,
                    each.table_rows, each.table_bytes, each.choice.strategy, each.choice.reason, each.choice.seconds,
                )
                for each in planned.purges
            ],
        )  # fmt: skip


def require_order(connection: Connection, planned: PurgePlan) -> None:
    """Hold a plan to the digest that was ordered for its night, where one was.

    Raises:
        StepError: it is another plan; says what changed.

    """
    row = connection.execute(
        "select plan_digest from governance.purge_orders where night = %s", [planned.night]
    ).fetchone()
    if row is None or row[0] == planned.digest:
        return
    before = connection.execute(
        "select relation, reason, planned_rows from governance.purge_plans where plan_digest = %s order by night desc",
        row,
    ).fetchall()
    now = together(done_under(connection, row[0], night=planned.night), (each.doomed for each in planned.purges))
    if not before:
        difference = "no dry run on this warehouse showed that plan"
    else:
        difference = "; ".join(changes(before, now)) or "as many rows, but others"
    raise StepError(
        f"nothing was purged: the plan ordered is {row[0][:12]}…, tonight's is {planned.digest[:12]}…: {difference}. "
        f"Look at it: govern nightly --date {planned.night} --dry-run; then order its digest, or none."
    )


def purged(connection: Connection, *, night: str) -> Purged:
    """Sum the receipts of `night`."""
    rows, relations, subjects = connection.execute(SUM, {"night": night}).fetchone() or (0, 0, 0)
    return Purged(rows, relations, subjects)


def _accept(connection: Connection, manifest: Manifest, planned: PurgePlan) -> list[Model]:
    """Record the plan, mark its tables with its digest; return the models with rows."""
    record(connection, planned)
    by_model = {each.model: each for each in planned.purges}
    models = [model for model in manifest.models if model.name in by_model]
    done = done_under(connection, planned.digest, night=planned.night)
    for model in models:
        with connection.transaction():
            before = sum(each.rows for each in done if each.relation == by_model[model.name].relation)
            connection.execute(
                sql.SQL("comment on table {} is {}").format(
                    planned_table(model), f"purge plan {planned.digest} of {planned.night} after {before}"
                )
            )
    return models


def _trouble(connection: Connection, *, night: str) -> str | None:
    rows = connection.execute(
        "select trouble from governance.purge_troubles where night = %s order by noted_at", [night]
    ).fetchall()
    return " ".join(trouble for (trouble,) in rows) or None
