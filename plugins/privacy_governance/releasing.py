"""Members of the release: who leaves it tonight, and who was ever in it, so that no two releases tell on anybody.

Whoever reads every release can compare them. So nobody leaves or joins alone: newcomers wait until k share a class
(`research_users.sql`), and who must leave takes others along until k of the class and cohort leave or all of it does
(`int_members__departing.sql`). Nobody who left comes back within the token period: a return would tell who did not
have to go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from privacy_governance.errors import StepError

if TYPE_CHECKING:
    from privacy_governance.manifest import Manifest
    from privacy_governance.warehouse import Connection

DEPARTING = "int_members__departing"
MEMBERS = "research_users"

# Apart from what it is for, because PostgreSQL reads in parallel only in statements that change no row.
LEAVING = "create temporary table departing as {departing}"

WITHDRAW = """
with withdrawn as (
    update governance.release_members as member
    set withdrawn_on = %(night)s
    from departing
    where member.subject_token = departing.subject_token and member.withdrawn_on is null
)

insert into governance.release_withdrawals (night, departed, withdrawn, remaining)
select %(night)s, count(*) filter (where is_departed), count(*), min(remaining)
from departing
group by class_number
order by class_number
returning departed, withdrawn
"""

# Apart from the insert: in one statement, a first release would look for each of its members among all that it entered.
NEWCOMERS = """
create temporary table newcomers as
select member.subject_token
from research_candidate.research_users as member
where not exists (
    select 1 from governance.release_members as known where known.subject_token = member.subject_token
)
"""

JOIN = """
insert into governance.release_members (subject_token, cohort, joined_on)
select
    newcomers.subject_token,
    (select coalesce(max(known.cohort), 0) + 1 from governance.release_members as known),
    %(night)s
from newcomers
"""

CLOSE = """
insert into governance.release_closings (relation, closed_until)
select relation, closed_until from intermediate.int_periods__closed
on conflict (relation) do update
set closed_until = greatest(release_closings.closed_until, excluded.closed_until)
"""


@dataclass(frozen=True)
class Withdrawn:
    """Counts of one withdrawal: subjects who had to leave the release, and all who left with them."""

    departed: int
    withdrawn: int


def withdraw(connection: Connection, manifest: Manifest, *, night: str) -> Withdrawn:
    """Withdraw members who no longer survive, and others with them; running it again withdraws nobody else.

    Needs the session settings of the night (its date and keys). The rows leave with the purge, from the standing
    release and the previous one; no later release of the token period holds them.

    Raises:
        StepError: the compiled project has no `int_members__departing`.

    """
    model = next((each for each in manifest.models if each.name == DEPARTING), None)
    if model is None:
        raise StepError(f"the compiled project has no model {DEPARTING}: nobody would leave a release. Restore it.")
    connection.execute("drop table if exists pg_temp.departing")
    connection.execute(sql.SQL(LEAVING).format(departing=sql.SQL(model.sql)))
    classes = connection.execute(WITHDRAW, {"night": night}).fetchall()
    connection.execute("drop table departing")
    return Withdrawn(sum(departed for departed, _ in classes), sum(withdrawn for _, withdrawn in classes))


def admit(connection: Connection, *, night: str) -> int:
    """Enter the candidate's newcomers as one cohort, and close the weeks that it holds; return how many are new.

    In the transaction that publishes the candidate. Needs the night's date in the session.
    """
    connection.execute("drop table if exists pg_temp.newcomers")
    connection.execute(NEWCOMERS)
    newcomers = connection.execute(JOIN, {"night": night}).rowcount
    connection.execute("drop table newcomers")
    connection.execute("select governance.analyze_changed('governance.release_members')")
    connection.execute(CLOSE)
    return newcomers


def start_over(connection: Connection) -> None:
    """Drop the members and closings of a token period whose tokens no release holds any more."""
    connection.execute(
        "truncate governance.release_members, governance.release_closings, governance.former_research_tokens"
    )
