"""From the identifiers that an inquiry names to all of its subject's: breadth first, all inquiries at once, in SQL.

A step goes over links of `int_identifiers__linked`, a level a round. What is walked:

- a user id, unless it is a former id that several user ids claim;
- any other identifier, unless user ids of several people stand beside it: a shared browser, a common address.

Two user ids are one person when a chain of aliases ties them: each former id has one successor, and the end of the
chain stands for the person. Everything lives in temporary tables of the connection, which a commit drops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from privacy_governance.warehouse import Connection

# user ids beside one identifier that are looked at; more of them are not one person's
COMPANY = 25
# a chain of former ids; nobody changes theirs as often
RENAMES = 50
LEVELS = 10_000

TABLES = """
create temporary table inquiries (
    inquiry integer primary key,
    about text not null,
    given_tokens text [] not null,
    -- every link is walked, a shared one too, if it is of what was named: a person said that it is one person, or all
    -- of those who share it are held
    is_one_person boolean not null,
    -- identifiers after which an inquiry stops; null: none
    limit_of bigint,
    is_stopped boolean not null default false
) on commit drop;
create temporary table reached (
    inquiry integer not null,
    identifier_id uuid not null,
    identifier_kind text not null,
    identifier_token text not null,
    path text [] not null,
    level integer not null,
    is_shared boolean not null,
    primary key (inquiry, identifier_id)
) on commit drop;
create temporary table arrivals (
    inquiry integer not null,
    identifier_id uuid not null,
    identifier_kind text not null,
    path text [] not null
) on commit drop;
-- whether an identifier is several people's; the same whoever asks
create temporary table judged (
    identifier_id uuid primary key,
    is_shared boolean not null
) on commit drop;
create temporary table persons (
    user_id uuid primary key,
    person uuid not null
) on commit drop;
create temporary table beside (
    identifier_id uuid not null,
    user_id uuid not null
) on commit drop;
"""

# rows come in by the thousand between two statements: without this the planner takes the tables for empty
ANALYZE = "analyze inquiries, reached, arrivals, judged, persons, beside"

# Links and tokens are looked up one by one, by their indexes (`cross join lateral … limit`): a join that the planner
# thinks cheaper would read every identifier of the warehouse for the few that are asked for. None is looked up twice: a
# cache of them, filled and emptied for each, took three times as long.
NO_MEMORY = "set local enable_memoize = off"

NAMED = """
insert into arrivals
select inquiry.inquiry, found.identifier_id, found.identifier_kind, '{}'
from inquiries as inquiry
cross join lateral unnest(inquiry.given_tokens) as given (token)
cross join lateral (
    select identifier_id, identifier_kind from intermediate.int_identifiers__tokenized
    where ledger_token = given.token
    limit 1
) as found
"""

NEIGHBOURS = """
insert into arrivals
select distinct on (here.inquiry, link.identifier_id)
    here.inquiry, link.identifier_id, link.identifier_kind, here.path
from reached as here
inner join inquiries as inquiry on here.inquiry = inquiry.inquiry and not inquiry.is_stopped
cross join lateral (
    (
        select linked_id as identifier_id, linked_kind as identifier_kind
        from intermediate.int_identifiers__linked
        where identifier_id = here.identifier_id
        limit inquiry.limit_of + 1
    )
    union all
    (
        select identifier_id, identifier_kind
        from intermediate.int_identifiers__linked
        where linked_id = here.identifier_id
        limit inquiry.limit_of + 1
    )
) as link
where
    here.level = %(level)s - 1
    and not here.is_shared
    and not exists (
        select 1 from reached as known
        where known.inquiry = here.inquiry and known.identifier_id = link.identifier_id
    )
order by here.inquiry, link.identifier_id, here.path
"""

# user ids beside each arrival; of a user id: those that claim it as their former one
BESIDE = """
insert into beside
select arrived.identifier_id, neighbour.user_id
from (
    select distinct identifier_id, identifier_kind from arrivals
    where not exists (select 1 from judged where judged.identifier_id = arrivals.identifier_id)
) as arrived
cross join lateral (
    select distinct identifier_id as user_id
    from (
        select identifier_id
        from intermediate.int_identifiers__linked
        where
            linked_id = arrived.identifier_id
            and identifier_kind = 'user_id'
            and (is_alias or arrived.identifier_kind <> 'user_id')
        limit %(company)s
    ) as links
) as neighbour
"""

# the end of each chain of former ids; of chains that meet their own beginning, the least id
PERSONS = """
with recursive renamed as (
    select user_id, user_id as present_id, 0 as renames
    from {users} as asked
    where not exists (select 1 from persons where persons.user_id = asked.user_id)
    union all
    select renamed.user_id, successor.user_id, renamed.renames + 1
    from renamed
    cross join lateral (
        select (array_agg(claim.identifier_id))[1] as user_id
        from (
            select distinct identifier_id
            from intermediate.int_identifiers__linked
            where linked_id = renamed.present_id and is_alias
            limit 2
        ) as claim
        having count(*) = 1
    ) as successor
    where renamed.renames < {renames}
)

insert into persons
select
    user_id,
    case
        when max(renames) < {renames} then (array_agg(present_id order by renames desc))[1]
        else min(present_id::text)::uuid
    end
from renamed
group by user_id
"""

JUDGE = """
insert into judged
select
    arrived.identifier_id,
    case
        -- a former id that several claim ties nobody
        when arrived.identifier_kind = 'user_id' then count(*) filter (where beside.user_id is not null) > 1
        else count(distinct persons.person) > 1 or count(beside.user_id) >= %(company)s
    end
from (
    select distinct identifier_id, identifier_kind from arrivals
    where not exists (select 1 from judged where judged.identifier_id = arrivals.identifier_id)
) as arrived
left join beside on arrived.identifier_id = beside.identifier_id
left join persons on beside.user_id = persons.user_id
group by arrived.identifier_id, arrived.identifier_kind
"""

ARRIVE = """
insert into reached
select
    arrived.inquiry,
    arrived.identifier_id,
    arrived.identifier_kind,
    found.ledger_token,
    arrived.path || found.ledger_token,
    %(level)s,
    judged.is_shared
    -- who names a user id means that person
    and not (arrived.identifier_kind = 'user_id' and %(level)s = 0)
    and not (inquiry.is_one_person and (arrived.identifier_kind = 'user_id' or %(level)s = 0))
from arrivals as arrived
inner join inquiries as inquiry on arrived.inquiry = inquiry.inquiry
inner join judged on arrived.identifier_id = judged.identifier_id
cross join lateral (
    select ledger_token from intermediate.int_identifiers__tokenized
    where identifier_id = arrived.identifier_id
    limit 1
) as found
on conflict do nothing
"""

STOP = """
update inquiries
set is_stopped = true
from (select inquiry, count(*) as identifiers from reached where not is_shared group by inquiry) as size
where size.inquiry = inquiries.inquiry and size.identifiers > inquiries.limit_of and not is_stopped
"""


def begin(connection: Connection) -> None:
    """Make the empty tables of a walk; the caller fills `inquiries`."""
    connection.execute("drop table if exists inquiries, reached, arrivals, judged, persons, beside")
    connection.execute(TABLES)


def walk(connection: Connection) -> None:
    """Fill `reached` from `inquiries`, level by level, until no inquiry finds more; and `persons` of its user ids."""
    connection.execute(ANALYZE)
    connection.execute(NO_MEMORY)
    for level in range(LEVELS):
        arrived = connection.execute(NAMED if level == 0 else NEIGHBOURS, {"level": level}).rowcount
        if not arrived:
            break
        connection.execute("analyze arrivals")
        connection.execute("truncate beside")
        connection.execute(BESIDE, {"company": COMPANY})
        _find_persons(
            connection,
            "(select user_id from beside as one where exists ("
            "select 1 from beside as other where other.identifier_id = one.identifier_id"
            " and other.user_id <> one.user_id) group by user_id)",
        )
        connection.execute(JUDGE, {"company": COMPANY})
        connection.execute(ARRIVE, {"level": level})
        connection.execute(STOP)
        connection.execute("truncate arrivals")
        connection.execute("analyze reached, judged")
    _find_persons(
        connection, "(select distinct identifier_id as user_id from reached where identifier_kind = 'user_id')"
    )
    connection.execute(ANALYZE)
    connection.execute("set local enable_memoize to default")


def _find_persons(connection: Connection, users: str) -> None:
    connection.execute(PERSONS.format(users=users, renames=RENAMES))
