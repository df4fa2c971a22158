"""What a consumer is told of a request: what went, what stays and why, in the notice's words and no internal name.

11 CCR 7022(c) and (f): whether the request was complied with, and where not, on what basis.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from textwrap import fill
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from privacy_governance.requests.deciding import answerable
from privacy_governance.requests.ledger import find
from privacy_governance.requests.vocabulary import (
    DELETING,
    EXCEPTIONS,
    FOR_A_CUSTOMER,
    NO_IDENTIFIER,
    UNKNOWN_TYPE,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from privacy_governance.requests.ledger import Request
    from privacy_governance.warehouse import Connection

LINE: Final = 80
CALIFORNIA: Final = ZoneInfo("America/Los_Angeles")
ASKED: Final = {
    "SUPPRESS_WITH_DELETE": "to delete your personal information, and to collect no more of it",
    "DELETE_ONLY": "to delete your personal information",
    "SUPPRESS_ONLY": "to collect no more personal information about you",
    "UNSUPPRESS": "to let us collect personal information about you again",
}
# refusals of the intake, as the requester has to hear them; a person's reason is told as it was written
REFUSALS: Final = {
    UNKNOWN_TYPE: "We could not tell from your request what we should do with your personal information.",
    NO_IDENTIFIER: "Your request named no account, address, number or device by which we could find your information.",
    FOR_A_CUSTOMER: "",
}
# how the refusal of a request begins of which identity resolution found no identifier of one person alone
UNTOLD: Final = "identity: "
UNTOLD_WORDS: Final = (
    "What your request names is used by several people, and does not say whose information is meant. Name something "
    "that only you use, such as your account."
)
KINDS: Final = {
    "user_id": "an account",
    "anonymous_id": "a browser",
    "email": "an e-mail address",
    "phone": "a telephone number",
    "device_id": "a device",
    "advertising_id": "a device's advertising number",
}

# Receipts of the subject: under this request, or under another of the same subject since this one arrived. The
# request's own row is no finding. A relation's columns say which categories went; of a redaction, those it names.
PURGED: Final = """
with subjects as (
    select subject_token from governance.deletion_requests where request_id = %(request)s
    union
    select tombstone.subject_token
    from governance.request_identifiers as found
    inner join governance.tombstones as tombstone on found.identifier_token = tombstone.identifier_token
    where found.request_id = %(request)s and not found.is_shared
)

select
    receipt.redacted_columns is not null as is_redacted,
    category.label as category,
    array_agg(distinct kind.label order by kind.label) as kinds,
    min(receipt.night) as first_night,
    max(receipt.night) as last_night
from governance.purge_receipts as receipt
inner join governance.column_uses as used
    on
        receipt.relation = used.relation
        and (receipt.redacted_columns is null or used.column_name = any(receipt.redacted_columns))
inner join governance.notice_categories as category on used.category = category.notice_category
inner join governance.pi_kinds as kind on used.pi_kind = kind.pi_kind
where
    receipt.reason = 'tombstone'
    and receipt.relation <> 'raw.privacy_requests'
    and (
        receipt.request_id = %(request)s
        or receipt.subject_token in (select subject_token from subjects) and receipt.purged_at >= %(received_at)s
    )
group by 1, 2, category.position
order by 1, category.position
"""

# What requests of this person leave in place, and what every deletion does where this one took something away. Only a
# redaction proves that there is a row: of one that stays whole there is no receipt.
EXCEPTED: Final = """
select
    excepted.exception,
    array_agg(distinct category.label order by category.label),
    excepted.is_found,
    excepted.until
from (
    select
        relation,
        column_name,
        exception,
        exists (
            select 1 from governance.purge_receipts as receipt
            where
                receipt.relation = by_request.relation
                and receipt.redacted_columns is not null
                and receipt.request_id = %(request)s
        ) as is_found,
        expires_on as until
    from governance.honoured_exceptions as by_request
    where request_id = %(request)s and coalesce(expires_on, 'infinity') >= %(on)s
    union
    select standing.relation, standing.column_name, standing.exception, true, null::date
    from governance.deletion_exceptions as standing
    where exists (
        select 1 from governance.purge_receipts as receipt
        where
            receipt.relation = standing.relation
            and receipt.redacted_columns is not null
            and receipt.request_id = %(request)s
            and receipt.night <= standing.expires_on
    )
) as excepted
left join governance.column_uses as used
    on excepted.relation = used.relation and excepted.column_name = used.column_name
left join governance.notice_categories as category on used.category = category.notice_category
group by excepted.exception, excepted.is_found, excepted.until
order by 1, excepted.is_found desc, excepted.until
"""

SHARED: Final = """
select distinct identifier_kind from governance.request_identifiers where request_id = %s and is_shared order by 1
"""


@dataclass(frozen=True)
class Category:
    """A category of the notice, and its kinds of information."""

    label: str
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Kept:
    """What stays, and the purpose that it is kept for; no category: nothing of it is personal by itself.

    `is_found`: of this person there is some; else it would stay, were there any. `until`: the last day, if one is set.
    """

    purpose: str
    labels: tuple[str, ...]
    is_found: bool
    until: date | None


@dataclass(frozen=True)
class Summary:
    """All that an answer says; nothing in it names a table, a column or an identifier."""

    request: Request
    answered_on: date
    deleted: tuple[Category, ...]
    redacted: tuple[Category, ...]
    deleted_on: tuple[date, ...]
    kept: tuple[Kept, ...]
    shared: tuple[str, ...]

    @property
    def keeps_what_it_found(self) -> bool:
        """Whether something is known to stay."""
        return bool(self.shared) or any(kept.is_found for kept in self.kept)

    @property
    def found_nothing(self) -> bool:
        """Whether there was nothing to delete, and nothing kept back."""
        return not (self.deleted or self.redacted or self.kept or self.shared)


def summarize(connection: Connection, request_id: str, *, on: date) -> Summary:
    """Gather what the requester has to be told on the day `on`.

    Raises:
        RequestError: there is no such request, or nothing is decided about it yet.

    """
    request = answerable(find(connection, request_id))
    on = request.answered_on or on
    parameters = {"request": request_id, "received_at": request.received_at, "on": on}
    purged = connection.execute(PURGED, parameters).fetchall()
    kept = connection.execute(EXCEPTED, parameters).fetchall()
    shared = connection.execute(SHARED, [request_id]).fetchall()
    return Summary(
        request=request,
        answered_on=on,
        deleted=tuple(Category(label, tuple(kinds)) for is_redacted, label, kinds, *_ in purged if not is_redacted),
        redacted=tuple(Category(label, tuple(kinds)) for is_redacted, label, kinds, *_ in purged if is_redacted),
        deleted_on=tuple(sorted({night for *_, first, last in purged for night in (first, last)})),
        kept=tuple(
            Kept(EXCEPTIONS[exception], tuple(filter(None, labels)), is_found, until)
            for exception, labels, is_found, until in kept
        ),
        shared=tuple(KINDS.get(kind, "an identifier") for (kind,) in shared),
    )


def render(summary: Summary) -> str:
    """Return the summary as plain text, in lines of at most 80 characters."""
    environment = Environment(
        loader=PackageLoader("privacy_governance.requests"),
        autoescape=False,  # noqa: S701 -- plain text; there is no markup to escape
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = day
    environment.filters["listed"] = listed
    text = environment.get_template("answer.txt.j2").render(
        summary=summary,
        request=summary.request,
        asked=ASKED.get(summary.request.regulation_type, "about your personal information"),
        refusal=_refusal(summary.request.refusal or ""),
        is_deleting=summary.request.regulation_type in DELETING,
    )
    return "\n".join(_wrapped(line) for line in text.strip().splitlines()) + "\n"


def _refusal(refusal: str) -> str:
    return UNTOLD_WORDS if refusal.startswith(UNTOLD) else REFUSALS.get(refusal, refusal)


def day(moment: date) -> str:
    """Return a date as a letter has it; of a moment, the day in California, where the clocks run."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(CALIFORNIA)
    return f"{moment:%B} {moment.day}, {moment.year}"


def listed(words: Iterable[str]) -> str:
    """Return `a, b and c`."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _wrapped(line: str) -> str:
    return fill(line, LINE, subsequent_indent="  " if line.startswith("- ") else "", break_on_hyphens=False)
