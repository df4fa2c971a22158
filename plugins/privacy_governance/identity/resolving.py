"""Whose data a request speaks of: all identifiers of its subject, and the cases in which a person has to decide.

What resolves by itself: an identifier that several people share is left out, and everything else goes. What doesn't,
and waits as a review of kind `identity`, with nothing of the request deleted meanwhile:

- identifiers lead to two people whom no alias ties together;
- only a shared identifier is named, so that nobody can be told from it;
- more identifiers than one person has.

An approval holds for the people whom it was asked about (`approving`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from privacy_governance.identity import approving, walking
from privacy_governance.identity.following import follow
from privacy_governance.identity.narrowing import narrow
from privacy_governance.reviews import open_review

if TYPE_CHECKING:
    from privacy_governance.warehouse import Connection

# identifiers that one person may have before somebody looks at them
MAXIMUM = 100

REQUESTS = """
insert into inquiries (inquiry, about, given_tokens, is_one_person, limit_of)
select
    row_number() over (order by request.request_id),
    request.request_id,
    array_remove(array_append(request.given_tokens, request.subject_token), null),
    coalesce(review.decision = 'approved', false),
    case when coalesce(review.decision, 'rejected') = 'rejected' then %(maximum)s end
from governance.deletion_requests as request
left join governance.reviews as review on review.kind = 'identity' and review.about = request.request_id
where
    request.state in ('verified', 'on hold', 'in review')
    -- one that was tombstoned before a hold came: what is left of its subject would not lead to what is gone
    and request.decided_on is null
    and (request.state <> 'in review' or review.decision is not null)
"""

# the identifiers of one inquiry stay together; what a withdrawal names is enough: its tombstones know the others
WITHDRAWALS_STAY = """
update inquiries set is_stopped = true
from governance.deletion_requests as request
where request.request_id = inquiries.about and request.regulation_type = 'UNSUPPRESS'
"""

# An inquiry a named identifier. What several people share doesn't tell who of them is held: all of them are.
HOLDS = """
insert into inquiries (inquiry, about, given_tokens, is_one_person, limit_of)
select
    row_number() over (order by hold.hold_id, named.ledger_token),
    hold.hold_id,
    array[named.ledger_token],
    hold.identifier_kind <> 'user_id',
    null
from intermediate.int_legal_holds__active as hold
inner join intermediate.int_identifiers__tokenized as named
    on hold.identifier_kind = named.identifier_kind and hold.identifier = named.identifier
"""

FINDINGS = """
select
    inquiry.about,
    sum(kind.identifiers) filter (where not kind.is_shared),
    string_agg(kind.identifiers || ' ' || kind.identifier_kind, ', ' order by kind.identifier_kind)
        filter (where not kind.is_shared),
    string_agg(distinct kind.identifier_kind, ', ') filter (where kind.is_shared and kind.is_named),
    max(people.people),
    bool_or(inquiry.is_stopped)
from inquiries as inquiry
inner join (
    select inquiry, identifier_kind, is_shared, bool_or(level = 0) as is_named, count(*) as identifiers
    from reached
    group by inquiry, identifier_kind, is_shared
) as kind on inquiry.inquiry = kind.inquiry
cross join lateral (
    select count(distinct persons.person) as people
    from reached
    inner join persons on reached.identifier_id = persons.user_id
    where
        reached.inquiry = inquiry.inquiry
        -- a former id that several claim is a person of its own where it has rows of its own
        and (
            not reached.is_shared
            or exists (select 1 from intermediate.int_subjects__tokenized as own
            where own.ledger_token = reached.identifier_token)
        )
) as people
inner join governance.deletion_requests as request on inquiry.about = request.request_id
where
    request.regulation_type <> 'UNSUPPRESS'
    and not exists (
        select 1 from governance.reviews as review where review.kind = 'identity' and review.about = inquiry.about
    )
group by inquiry.about
having
    bool_or(inquiry.is_stopped)
    or max(people.people) > 1
    or (max(people.people) = 0 and bool_or(kind.is_shared and kind.is_named))
order by inquiry.about
"""

REJECTED: Final = (
    "exists (select 1 from governance.reviews as review where review.kind = 'identity'"
    " and review.about = inquiry.about and review.decision = 'rejected')"
)

CLEAR = "delete from governance.request_identifiers where request_id in (select about from inquiries)"

RECORD = """
insert into governance.request_identifiers (request_id, identifier_kind, identifier_token, path, is_shared)
select inquiry.about, reached.identifier_kind, reached.identifier_token, reached.path, reached.is_shared
from reached
inner join inquiries as inquiry on reached.inquiry = inquiry.inquiry
union all
-- named, and not in the warehouse: it may come yet
select distinct inquiry.about, 'unknown', given.token, array[given.token], false
from inquiries as inquiry
cross join lateral unnest(inquiry.given_tokens) as given (token)
where not exists (
    select 1 from reached
    where reached.inquiry = inquiry.inquiry and reached.identifier_token = given.token
)
"""

DECIDED = """
update governance.deletion_requests as request
set
    state = case when nobody.is_left then 'refused' else 'verified' end,
    refusal = case
        when nobody.is_left then 'identity: what the request names is shared by several people, and does not say whose '
            || 'data is meant; ask for an identifier of the requester alone'
    end,
    decided_on = case when nobody.is_left then %(night)s::date end
from inquiries as inquiry
cross join lateral (
    select not exists (
        select 1 from governance.request_identifiers as found
        where found.request_id = inquiry.about and not found.is_shared
    ) as is_left
) as nobody
where
    request.request_id = inquiry.about
    and (
        request.state = 'in review'
        -- nobody decides about a withdrawal: one that reaches no tombstone would pass for carried out
        or (request.regulation_type = 'UNSUPPRESS' and nobody.is_left)
    )
"""

HELD = """
insert into governance.held_identifiers (hold_id, identifier_token)
select distinct inquiry.about, reached.identifier_token
from reached
inner join inquiries as inquiry on reached.inquiry = inquiry.inquiry
left join persons on reached.identifier_id = persons.user_id and reached.identifier_kind = 'user_id'
where
    -- of several people to whom an address or a browser leads, nobody can say which one is held
    inquiry.is_one_person
    -- what leads from a user to another person may be the held one's; that person is not
    or persons.person is null
    or persons.person = (
        select own.person
        from reached as named
        inner join persons as own on named.identifier_id = own.user_id
        where named.inquiry = reached.inquiry and named.level = 0
        limit 1
    )
"""


@dataclass(frozen=True)
class Resolved:
    """Counts of a night's resolution.

    Requests looked at, identifiers found, shared ones left out, waiting reviews; and identifiers of subjects tombstoned
    on nights before, which rows loaded since then tie to them.
    """

    requests: int
    identifiers: int
    shared: int
    in_review: int
    followed: int


def resolve(connection: Connection, night: str) -> Resolved:
    """Find every identifier of who asked and of who is held; open a review where a person has to decide.

    Runs in one transaction with what the caller does; running it again changes nothing. Needs the night's session.
    """
    _resolve_holds(connection)
    followed = follow(connection, night)
    walking.begin(connection)
    connection.execute(REQUESTS, {"maximum": MAXIMUM})
    connection.execute(WITHDRAWALS_STAY)
    walking.walk(connection)
    approving.reopen(connection, night)
    for about, identifiers, kinds, named, people, is_stopped in connection.execute(FINDINGS).fetchall():
        finding = _finding(identifiers or 0, kinds, named, people, is_stopped=is_stopped)
        open_review(connection, "identity", about, finding, night)
    narrow(connection, REJECTED)
    connection.execute(CLEAR)
    connection.execute(RECORD)
    connection.execute("select governance.analyze_changed('governance.request_identifiers')")
    connection.execute(DECIDED, {"night": night})
    connection.execute(
        "update governance.deletion_requests as request set state = 'in review' from governance.reviews as review"
        " where review.kind = 'identity' and review.about = request.request_id and review.decision is null"
        " and request.state in ('verified', 'on hold')"
    )
    requests, identifiers, shared, in_review = connection.execute(
        "select (select count(*) from inquiries), count(*), count(*) filter (where is_shared),"
        " (select count(*) from governance.deletion_requests where state = 'in review') from reached"
    ).fetchone() or (0, 0, 0, 0)
    approving.remember(connection, night)
    return Resolved(requests, identifiers, shared, in_review, followed)


def read_afresh(connection: Connection) -> None:
    """Have the next night read every row for identifiers: after a restore, rows come back with their old stamps."""
    connection.execute("delete from governance.identifier_watermarks")


def _resolve_holds(connection: Connection) -> None:
    walking.begin(connection)
    connection.execute(HOLDS)
    walking.walk(connection)
    connection.execute("delete from governance.held_identifiers")
    connection.execute(HELD)
    connection.execute("select governance.analyze_changed('governance.held_identifiers')")


def _finding(identifiers: int, kinds: str | None, named: str | None, people: int, *, is_stopped: bool) -> str:
    """Return what a person has to decide; counts and kinds only."""
    if is_stopped:
        what = f"leads to more than {MAXIMUM} identifiers ({kinds}, and maybe more)"
    elif people > 1:
        what = f"leads to {people} user ids that no alias ties together, among {identifiers} identifiers ({kinds})"
    else:
        what = f"names only what several people share ({named})"
    return f"The request {what}. Approve if it is one person: all of it goes. Reject: only what nobody else shares."
