"""What late rows tie to somebody tombstoned before: another browser, a former id. It goes with the rest.

A request is resolved over the rows of its night, and then they are gone. Rows that are loaded afterwards name the
subject again and are purged; what else they name is looked at here, on the night on which they come: the purge takes
the link with them. Nobody is asked any more, so only what is certain is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from privacy_governance.identity import walking
from privacy_governance.identity.narrowing import narrow

if TYPE_CHECKING:
    from privacy_governance.warehouse import Connection

# Tombstoned identifiers that are in the warehouse again, and beside them one that their request did not find. Another
# person's user id beside a browser is no news: what one's browser is used for later is not one's own.
RETURNED: Final = """
insert into inquiries (inquiry, about, given_tokens, is_one_person, limit_of)
select row_number() over (order by request_id), request_id, array_agg(identifier_token), false, null
from (
    select
        tombstone.request_id,
        tombstone.identifier_token,
        bool_or(exists (
            select 1
            from (
                select linked_id as identifier_id
                from intermediate.int_identifiers__linked
                where identifier_id = returned.identifier_id and (linked_kind <> 'user_id' or is_alias)
                union all
                select identifier_id
                from intermediate.int_identifiers__linked
                where linked_id = returned.identifier_id and (identifier_kind <> 'user_id' or is_alias)
            ) as link
            inner join intermediate.int_identifiers__tokenized as neighbour
                on link.identifier_id = neighbour.identifier_id
            where not exists (
                select 1 from governance.request_identifiers as known
                where
                    known.request_id = tombstone.request_id and known.identifier_token = neighbour.ledger_token
            )
        )) over (partition by tombstone.request_id) as is_news
    from governance.tombstones as tombstone
    inner join intermediate.int_identifiers__tokenized as returned
        on tombstone.identifier_token = returned.ledger_token
) as tombstoned
where is_news
group by request_id
"""

RECORD: Final = """
insert into governance.request_identifiers (request_id, identifier_kind, identifier_token, path, is_shared)
select
    inquiry.about,
    reached.identifier_kind,
    reached.identifier_token,
    coalesce(named.path, reached.path [:1]) || reached.path [2:],
    reached.is_shared
from reached
inner join inquiries as inquiry on reached.inquiry = inquiry.inquiry
left join governance.request_identifiers as named
    on inquiry.about = named.request_id and reached.path [1] = named.identifier_token
where not (reached.is_shared and reached.identifier_kind = 'user_id')
on conflict do nothing
"""

# doomed in the same time as the identifier that led to it
TOMBSTONE: Final = """
insert into governance.tombstones (
    identifier_token, identifier_kind, subject_token, request_id, tombstoned_on, doomed_from, doomed_until
)
select
    reached.identifier_token,
    reached.identifier_kind,
    named.subject_token,
    named.request_id,
    %(night)s::date,
    named.doomed_from,
    named.doomed_until
from reached
inner join governance.tombstones as named on reached.path [1] = named.identifier_token
where not reached.is_shared
on conflict do nothing
"""


def follow(connection: Connection, night: str) -> int:
    """Tombstone what tonight's rows tie to subjects tombstoned before; return how many identifiers.

    Needs the night's session, in the transaction that resolves its requests. Running it again changes nothing.
    """
    walking.begin(connection)
    if not connection.execute(RETURNED).rowcount:
        return 0
    walking.walk(connection)
    narrow(connection, "true")
    connection.execute(RECORD)
    return connection.execute(TOMBSTONE, {"night": night}).rowcount
