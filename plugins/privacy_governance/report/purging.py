"""What the report asks about the purge: receipts and their chain, the plan beside them, and the ledger's copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from privacy_governance.report.questions import Question

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class Purge:
    """Receipts of the night, summed by relation and reason."""

    relation: str
    reason: str
    rows: int
    subjects: int
    receipts: int


@dataclass(frozen=True)
class PurgeReason:
    """Receipts of the night, summed by reason."""

    reason: str
    rows: int
    subjects: int


@dataclass(frozen=True)
class Chain:
    """The ledger's receipts, each digest made again: how many, how many do not hold, the newest one."""

    receipts: int
    broken: int
    first_broken: int | None
    newest: int | None
    newest_digest: str | None


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


PURGED = Question(
    ("governance.purge_receipts",),
    """
select reason, sum(purged_rows)::bigint, count(distinct subject_token)
from governance.purge_receipts
where night = {night}
group by reason
order by reason
""",
)

PURGES = Question(
    ("governance.purge_receipts",),
    """
select relation, reason, sum(purged_rows)::bigint, count(distinct subject_token), count(*)
from governance.purge_receipts
where night = {night}
group by relation, reason
order by relation, reason
""",
)

CHAIN = Question(
    ("governance.purge_receipts",),
    """
with linked as (
    select
        receipt_id,
        digest,
        -- PostgreSQL's own functions: the ledger's could be replaced by whoever edits a receipt
        digest = encode(sha256(convert_to(jsonb_build_array(
            receipt_id, night, relation, reason, subject_token, request_id, redacted_columns, purged_rows,
            plan_digest, extract(epoch from purged_at), previous_digest
        )::text, 'UTF8')), 'hex') as is_unedited,
        previous_digest = lag(digest, 1, repeat('0', 64)) over in_order as follows,
        receipt_id = lag(receipt_id, 1, 0::bigint) over in_order + 1 as is_without_gap
    from governance.purge_receipts as receipt
    window in_order as (order by receipt_id)
)
select
    count(*),
    count(*) filter (where not (is_unedited and follows and is_without_gap)),
    min(receipt_id) filter (where not (is_unedited and follows and is_without_gap)),
    max(receipt_id),
    (array_agg(digest order by receipt_id desc))[1]
from linked
""",
)

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
