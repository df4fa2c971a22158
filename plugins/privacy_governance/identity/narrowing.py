"""What of a walk is one person's beyond doubt: where a person said no, and where nobody can be asked any more.

What was named, the user ids of its person, and what stands beside those in a row; nothing that led on to somebody else.
The rest counts as shared: it is kept in the record, and neither tombstoned nor deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from typing import LiteralString

    from privacy_governance.warehouse import Connection

NARROW: Final = """
with rejected as (
    select inquiry.inquiry from inquiries as inquiry where {which}
),

home as (
    select distinct reached.inquiry, persons.person
    from reached
    inner join rejected on reached.inquiry = rejected.inquiry
    inner join persons on reached.identifier_id = persons.user_id
    where reached.level = 0 and reached.identifier_kind = 'user_id'
),

core as (
    select reached.inquiry, reached.identifier_token
    from reached
    inner join home on reached.inquiry = home.inquiry
    inner join persons on reached.identifier_id = persons.user_id and home.person = persons.person
    where not reached.is_shared
    union
    select reached.inquiry, reached.identifier_token
    from reached
    inner join rejected on reached.inquiry = rejected.inquiry
    where reached.level = 0 and reached.identifier_kind <> 'user_id' and not reached.is_shared
),

others as (
    select reached.inquiry, passed.token
    from reached
    inner join rejected on reached.inquiry = rejected.inquiry
    cross join lateral unnest(reached.path) as passed (token)
    where
        reached.identifier_kind = 'user_id'
        and not exists (
            select 1 from core
            where core.inquiry = reached.inquiry and core.identifier_token = reached.identifier_token
        )
        and not exists (
            select 1
            from core
            inner join intermediate.int_identifiers__tokenized as own
                on core.identifier_token = own.ledger_token and own.identifier_kind = 'user_id'
            where core.inquiry = reached.inquiry and core.identifier_token = passed.token
        )
)

update reached set is_shared = true
from rejected
where
    rejected.inquiry = reached.inquiry
    and not reached.is_shared
    and (
        exists (
            select 1 from others
            where others.inquiry = reached.inquiry and others.token = any(reached.path)
        )
        or exists (
            select 1
            from unnest(reached.path [:cardinality(reached.path) - 1]) as passed (token)
            where not exists (
                select 1 from core where core.inquiry = reached.inquiry and core.identifier_token = passed.token
            )
        )
    )
"""


def narrow(connection: Connection, which: LiteralString) -> None:
    """Leave those inquiries of the walk for which the condition `which` holds with what is certain."""
    connection.execute(NARROW.format(which=which))
