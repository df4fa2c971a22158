"""What the report asks about the nights up to this one, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from privacy_governance.report.questions import Question

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True)
class NightMeasures:
    """A recorded night; None where nothing was validated or measured.

    Requests are those open at its end; class and share are of its candidate: the smallest class, and the largest share
    of a table's rows that were left out, 0 to 1.
    """

    night: date
    state: str
    offenders: int | None
    purged_rows: int
    open_requests: int
    smallest_class: int | None
    most_suppressed: float | None


# a request counts once for its day of arrival and once for its day of closing, however many nights are told
TREND = Question(
    (
        "governance.nights",
        "governance.purge_receipts",
        "governance.deletion_requests",
        "governance.release_measures",
    ),
    """
with told as (
    select night, state, violations
    from governance.nights
    where night <= {night}
    order by night desc
    limit 14
),

purged as (
    select night, sum(purged_rows)::bigint as rows
    from governance.purge_receipts
    where night in (select night from told)
    group by night
),

request_days as (
    select
        (received_at at time zone 'UTC')::date as received_on,
        case
            when state in ('carried out', 'refused')
                then coalesce(carried_out_on, decided_on, answered_on, (received_at at time zone 'UTC')::date)
        end as closed_on,
        count(*) as requests
    from governance.deletion_requests
    group by 1, 2
),

measured as (
    select
        night,
        min(value) filter (where measure = 'smallest_class')::bigint as smallest_class,
        max(value) filter (where measure = 'suppressed_share') as most_suppressed
    from governance.release_measures
    where night in (select night from told)
    group by night
)

select
    told.night,
    told.state,
    told.violations,
    coalesce(purged.rows, 0),
    coalesce(open.requests, 0)::bigint,
    measured.smallest_class,
    measured.most_suppressed
from told
left join purged on told.night = purged.night
left join measured on told.night = measured.night
cross join lateral (
    select sum(requests) as requests
    from request_days
    where received_on <= told.night and (closed_on is null or closed_on > told.night)
) as open
order by told.night desc
""",
)
