"""An approval covers the people whom its request led to when it was asked about, and nobody who comes to them later.

A request that a hold keeps waiting, or whose review nobody looks at for weeks, is resolved anew each night. What a
person said of two user ids says nothing of a third one that has signed in with the same address since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from psycopg import sql

from privacy_governance.identity import walking

if TYPE_CHECKING:
    from typing import LiteralString

    from privacy_governance.warehouse import Connection

# identifiers after which nobody counts whom an approval covers: more than a person can have looked at
COUNTED = 1000

# what an approval would reach: as the night after it walks, but with an end
ASKED = """
insert into inquiries (inquiry, about, given_tokens, is_one_person, limit_of)
select
    row_number() over (order by request.request_id),
    request.request_id,
    array_remove(array_append(request.given_tokens, request.subject_token), null),
    true,
    %(counted)s
from governance.deletion_requests as request
inner join governance.reviews as review on review.kind = 'identity' and review.about = request.request_id
where review.decision is null and review.opened_on = %(night)s::date and request.state = 'in review'
"""

COVERED: Final = """
    select
        inquiry.about,
        encode(sha256(convert_to(coalesce(string_agg(
            reached.identifier_token, ',' order by reached.identifier_token
        ), ''), 'UTF8')), 'hex') as digest,
        count(reached.identifier_token) as people
    from inquiries as inquiry
    left join reached
        on inquiry.inquiry = reached.inquiry and reached.identifier_kind = 'user_id' and not reached.is_shared
    where not inquiry.is_stopped
    group by inquiry.about
"""

REMEMBER: Final = """
update governance.reviews as review set covers = covered.digest
from ({covered}) as covered
where review.kind = 'identity' and review.about = covered.about and review.decision is null
"""

# the decision before is in the ledger's copy, and told in the finding
REOPEN: Final = """
update governance.reviews as review
set
    finding = 'The request leads to ' || covered.people || ' user ids now, which are not those that '
        || review.decided_by || ' approved on ' || (review.decided_at at time zone 'UTC')::date
        || '. Approve if it is one person: all of it goes. Reject: only what nobody else shares.',
    opened_on = %(night)s::date,
    decision = null,
    decided_by = null,
    decided_at = null,
    reason = null
from ({covered}) as covered
where
    review.kind = 'identity' and review.about = covered.about
    and review.decision = 'approved' and review.covers <> covered.digest
returning review.about
"""


def reopen(connection: Connection, night: str) -> None:
    """Ask again about requests that lead to others than were approved, and leave them out of tonight's walk."""
    again = [about for (about,) in connection.execute(_with_covered(REOPEN), {"night": night})]
    if again:
        connection.execute("delete from inquiries where about = any(%s)", [again])


def remember(connection: Connection, night: str) -> None:
    """Note whom an approval of each review that opened tonight covers. Takes the tables of the walk before it."""
    walking.begin(connection)
    if connection.execute(ASKED, {"counted": COUNTED, "night": night}).rowcount:
        walking.walk(connection)
        connection.execute(_with_covered(REMEMBER))


def _with_covered(statement: LiteralString) -> sql.Composed:
    return sql.SQL(statement).format(covered=sql.SQL(COVERED))
