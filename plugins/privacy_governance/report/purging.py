"""What the report asks about the purge: what was planned beside what the receipts say, and the ledger's copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from privacy_governance.report.questions import Question

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class Planned:
    """A line of a plan of the night beside the receipts that name that plan; `share` of the relation's rows, 0 to 1."""

    plan_digest: str
    planned_at: datetime
    relation: str
    reason: str
    rows: int
    subjects: int
    purged: int
    share: float | None
    strategy: str
    strategy_reason: str
    estimated_seconds: float


@dataclass(frozen=True)
class CopyHead:
    """The newest file of the ledger's copy, and how many receipts were written since."""

    copies: int
    copy_id: int
    digest: str
    newest_receipt: int
    copied_at: datetime
    not_copied: int


PLANNED = Question(
    ("governance.purge_plans", "governance.purge_receipts"),
    """
select
    plan.plan_digest,
    plan.planned_at,
    plan.relation,
    plan.reason,
    plan.planned_rows,
    plan.subjects,
    coalesce(sum(receipt.purged_rows), 0)::bigint,
    plan.planned_rows / nullif(plan.table_rows, 0)::double precision,
    plan.strategy,
    plan.strategy_reason,
    plan.estimated_seconds
from governance.purge_plans as plan
left join governance.purge_receipts as receipt
    on
        plan.night = receipt.night
        and plan.plan_digest = receipt.plan_digest
        and plan.relation = receipt.relation
        and plan.reason = receipt.reason
where plan.night = {night}
group by plan.night, plan.plan_digest, plan.relation, plan.reason
order by plan.planned_at desc, plan.planned_rows desc, plan.relation, plan.reason
""",
)

COPY_HEAD = Question(
    ("governance.ledger_copies", "governance.purge_receipts"),
    """
select
    count(*) over (),
    copy_id,
    digest,
    newest_receipt,
    copied_at,
    (select count(*) from governance.purge_receipts as receipt where receipt.receipt_id > copy.newest_receipt)
from governance.ledger_copies as copy
order by copy_id desc
limit 1
""",
)
