"""What the report asks about retention: the schedule by category of the notice, and by relation with what ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from privacy_governance.report.questions import Question

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True)
class CategoryPeriod:
    """A period of a category's rows (`columns` None) or of some of its columns, and the days it is about."""

    category: str
    columns: tuple[str, ...] | None
    period: str | None
    event: str | None
    purposes: tuple[str, ...]
    grounds: tuple[str, ...]
    relations: int
    oldest_on: date | None
    next_on: date | None


@dataclass(frozen=True)
class RetentionRule:
    """A period of a relation's rows (`columns` None) or of some columns, and what it ended this night; days are ISO."""

    relation: str
    columns: list[str] | None
    period: str | None
    event: str | None
    purpose: str | None
    ground: str | None
    oldest_on: str | None
    next_on: str | None
    purged: int


CATEGORIES = Question(
    ("audit.retention_schedule", "governance.column_tags", "governance.notice_categories"),
    """
-- the schedule is of the night that the session names: set governance.night = {night};
select
    category.label,
    array_agg(distinct scheduled.column_name::text) filter (where scheduled.action <> 'delete_row'),
    scheduled.period,
    scheduled.event,
    array_remove(array_agg(distinct used.purpose), null),
    array_remove(array_agg(distinct scheduled.ground), null),
    count(distinct scheduled.relation),
    (min(scheduled.oldest_at) at time zone 'UTC')::date,
    min(scheduled.next_expiry_on)
from audit.retention_schedule as scheduled
inner join governance.column_tags as tag
    on scheduled.relation = tag.relation and scheduled.column_name = tag.column_name
cross join lateral unnest(tag.categories) as held (category)
inner join governance.notice_categories as category
    on
        held.category = category.notice_category
        and {night} >= category.valid_from
        and (category.valid_to is null or {night} < category.valid_to)
left join lateral unnest(scheduled.purposes) as used (purpose) on true
group by category.position, category.label, scheduled.action, scheduled.period, scheduled.event
order by category.position, scheduled.period::interval desc nulls first, scheduled.event, scheduled.action
""",
)

RETENTION = Question(
    ("audit.retention_schedule", "governance.retention_rules", "governance.purge_receipts"),
    """
-- the schedule is of the night that the session names: set governance.night = {night};
with scheduled as (
    select
        relation,
        period,
        event,
        array_agg(distinct column_name::text) filter (where action <> 'delete_row') as columns,
        string_agg(distinct purpose, ', ') as purposes,
        string_agg(distinct ground, '; ') as grounds,
        min(oldest_at)::date as oldest_on,
        min(next_expiry_on) as next_on
    from audit.retention_schedule
    group by relation, action, period, event
    union all
    select relation, period::text, event, null, purpose, ground, null, null
    from governance.retention_rules
    where relation not like 'raw.%'
)

select
    scheduled.relation,
    scheduled.columns,
    scheduled.period,
    scheduled.event,
    scheduled.purposes,
    scheduled.grounds,
    scheduled.oldest_on::text,
    scheduled.next_on::text,
    coalesce(purged.rows, 0)::bigint
from scheduled
cross join lateral (
    select sum(receipt.purged_rows) as rows
    from governance.purge_receipts as receipt
    where
        receipt.relation = scheduled.relation and receipt.reason = 'retention' and receipt.night = {night}
        and case
            when scheduled.columns is null then receipt.redacted_columns is null
            else string_to_array(replace(array_to_string(receipt.redacted_columns, ','), ' (generalized)', ''), ',')
                && scheduled.columns
        end
) as purged
order by scheduled.relation, scheduled.columns nulls first
""",
)
