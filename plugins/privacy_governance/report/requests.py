"""What the report asks about requests beyond their states: who waits for a person, what stays, and 11 CCR 7102."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from privacy_governance.report.questions import Question

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True)
class Waiting:
    """A review that nobody has decided, and for how many days it has waited."""

    review_id: int
    kind: str
    about: str
    finding: str
    opened_on: date
    days: int
    in_all: int


@dataclass(frozen=True)
class OnHold:
    """A request that a legal hold keeps from being carried out, and the holds that reach its identifiers tonight."""

    request_id: str
    holds: tuple[str, ...]
    received_on: date
    due_on: date
    days_left: int
    in_all: int


@dataclass(frozen=True)
class UsedException:
    """Columns that a ground of 1798.105(d) leaves in place; of the standing ones, until when."""

    exception: str
    relation: str
    columns: str
    given_by: str
    requests: int | None
    redacted_rows: int
    expires_on: date | None


@dataclass(frozen=True)
class Late:
    """Rows of subjects whose requests were carried out before: tonight and in all."""

    relation: str
    tonight: int
    requests: int
    ever: int


@dataclass(frozen=True)
class Metric:
    """11 CCR 7102(a)(1) for one calendar year of receipt and kind of request; days from receipt to answer."""

    year: str
    kind: str
    received: int
    complied: int
    denied: int
    routed: int
    under_way: int
    answered: int
    median_days: float | None
    mean_days: float | None


REVIEWS = Question(
    ("governance.reviews",),
    """
select review_id, kind, about, finding, opened_on, {night} - opened_on, count(*) over ()
from governance.reviews
where decision is null
order by review_id
limit {first}
""",
)

ON_HOLD = Question(
    ("governance.deletion_requests", "governance.held_identifiers", "governance.request_identifiers"),
    """
select
    request.request_id,
    array(
        select distinct held.hold_id
        from governance.held_identifiers as held
        where
            held.identifier_token = request.subject_token
            or held.identifier_token = any(request.given_tokens)
            or exists (
                select 1 from governance.request_identifiers as found
                where found.request_id = request.request_id and found.identifier_token = held.identifier_token
            )
        order by held.hold_id
    ),
    (request.received_at at time zone 'UTC')::date,
    request.due_on,
    request.due_on - {night},
    count(*) over ()
from governance.deletion_requests as request
where request.state = 'on hold'
order by request.due_on, request.request_id
limit {first}
""",
)

USED_EXCEPTIONS = Question(
    ("governance.honoured_exceptions", "governance.deletion_exceptions", "governance.purge_receipts"),
    """
select
    given.exception,
    given.relation,
    string_agg(distinct given.column_name, ', '),
    'a request',
    count(distinct given.recorded_under),
    coalesce(
        (
            select sum(receipt.purged_rows)
            from governance.purge_receipts as receipt
            where
                receipt.relation = given.relation
                and receipt.redacted_columns is not null
                and receipt.request_id = any(array_agg(given.request_id))
        ),
        0
    )::bigint,
    given.expires_on
from governance.honoured_exceptions as given
group by given.exception, given.relation, given.expires_on
union all
select
    standing.exception,
    standing.relation,
    string_agg(distinct standing.column_name, ', '),
    'deletion_exceptions.csv, ' || standing.approver,
    null,
    coalesce(
        (
            select sum(receipt.purged_rows)
            from governance.purge_receipts as receipt
            where receipt.relation = standing.relation and receipt.redacted_columns is not null
        ),
        0
    )::bigint,
    standing.expires_on
from governance.deletion_exceptions as standing
group by standing.exception, standing.relation, standing.approver, standing.expires_on
order by relation, exception, expires_on
""",
)

LATE = Question(
    ("governance.deletion_requests", "governance.purge_receipts"),
    """
select
    receipt.relation,
    coalesce(sum(receipt.purged_rows) filter (where receipt.night = {night}), 0)::bigint,
    count(distinct receipt.request_id),
    sum(receipt.purged_rows)::bigint
from governance.purge_receipts as receipt
inner join governance.deletion_requests as request on receipt.request_id = request.request_id
where receipt.reason = 'tombstone' and receipt.night > request.carried_out_on
group by receipt.relation
order by receipt.relation
""",
)

METRICS = Question(
    ("governance.deletion_requests",),
    """
with received as (
    select
        *,
        (received_at at time zone 'UTC')::date as received_on,
        case
            when regulation_type like '%DELETE%' then 'delete'
            else lower(replace(regulation_type, '_', ' '))
        end as kind
    from governance.deletion_requests
)

select
    extract(year from received_on)::text
    || case when extract(year from received_on) = extract(year from {night}) then ' to date' else '' end as in_year,
    kind,
    count(*),
    count(*) filter (where state = 'carried out'),
    count(*) filter (where state = 'refused'),
    count(*) filter (where state = 'routed'),
    count(*) filter (where state not in ('carried out', 'refused', 'routed')),
    count(answered_on),
    percentile_cont(0.5) within group (order by answered_on - received_on),
    round(avg(answered_on - received_on), 1)::double precision
from received
where received_on between make_date(extract(year from {night})::integer - 1, 1, 1) and {night}
group by extract(year from received_on), kind
order by extract(year from received_on) desc, kind
""",
)
