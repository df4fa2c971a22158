"""Return to the release that stood before, in one transaction; what it holds was purged each night since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from privacy_governance.errors import PublishingBlockedError, StepError
from privacy_governance.publishing.contents import (
    LOCK_TIMEOUT,
    PREVIOUS,
    RELEASE,
    content_digest,
    grant,
    keep_apart,
    move,
    relations_in,
    rename,
    take_grants,
    views_in,
)
from privacy_governance.publishing.history import Published, history

if TYPE_CHECKING:
    from privacy_governance.warehouse import Connection, Warehouse

# while two releases change places
ASIDE = "__aside"
TOKEN = "subject_token"  # noqa: S105 -- a column's name

HAS_SUBJECTS = """
select 1 from pg_attribute
where attrelid = format('%%I.%%I', %s::text, %s::text)::regclass and attname = %s and not attisdropped
"""

GONE = """
select count(distinct released.subject_token)
from {table} as released
where
    not exists (
        select 1 from intermediate.int_subjects__surviving as surviving
        where surviving.research_token = released.subject_token
    )
    or exists (
        select 1 from governance.release_members as member
        where member.subject_token = released.subject_token and member.withdrawn_on is not null
    )
"""


def rollback(warehouse: Warehouse, *, reason: str | None = None) -> Published:
    """Let readers see the previous release again, and keep the one they saw; again, and they see that one.

    Nights go on from the release that was published last, whichever stands: nobody who read it forgets it.

    Raises:
        StepError: no previous release is kept.
        PublishingBlockedError: it would bring back who has left since, or the tokens of a former period.

    """
    with warehouse.connect("return to the previous release") as connection:
        connection.execute(sql.SQL("set local lock_timeout = {}").format(LOCK_TIMEOUT))
        connection.execute("lock table governance.releases in share row exclusive mode")
        published = history(connection)
        kept = relations_in(connection, PREVIOUS)
        if len(published) < 2 or not kept:
            raise StepError("no previous release is kept: the first one of a token period has none to return to.")
        previous = next(each for each in published if each.release_id == published[1].content)
        _require_unbroken(connection, previous, kept)
        _change_places(connection)
        digest, rows = content_digest(connection, RELEASE)
        connection.execute(
            "insert into governance.releases (kind, night, returns_to, reason, period, policy_digest, content_digest,"
            " relations, released_rows) values ('rollback', %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                previous.night,
                previous.release_id,
                reason,
                previous.period,
                previous.policy_digest,
                digest,
                list(kept),
                rows,
            ],
        )
        return history(connection)[0]


def _require_unbroken(connection: Connection, previous: Published, kept: tuple[str, ...]) -> None:
    (period,) = connection.execute("select max(period) from governance.key_periods").fetchone() or (None,)
    if period != previous.period:
        raise PublishingBlockedError(
            f"the release of night {previous.night} has the tokens of a former period, which are being retired. "
            "Run the night: it publishes the first release of the new one."
        )
    for name in kept:
        if not connection.execute(HAS_SUBJECTS, [PREVIOUS, name, TOKEN]).fetchone():
            continue  # an aggregate's cells are of no subject
        (gone,) = connection.execute(sql.SQL(GONE).format(table=sql.Identifier(PREVIOUS, name))).fetchone() or (0,)
        if gone:
            raise PublishingBlockedError(
                f"{PREVIOUS}.{name} holds {gone} subject(s) who left the release since. Run the night, which purges "
                "them from it, then return to it."
            )


def _change_places(connection: Connection) -> None:
    keep_apart(connection)
    # a table that both releases have stays where it is
    standing = views_in(connection, PREVIOUS)
    leaving = [name for name in relations_in(connection, RELEASE) if name not in standing]
    returning = [name for name in relations_in(connection, PREVIOUS) if name not in standing]
    grants = take_grants(connection, RELEASE, relations_in(connection, RELEASE))
    for name in leaving:
        rename(connection, RELEASE, name, name + ASIDE)
    for name in returning:
        move(connection, name, PREVIOUS, RELEASE)
    for name in leaving:
        move(connection, name + ASIDE, RELEASE, PREVIOUS)
        rename(connection, PREVIOUS, name + ASIDE, name)
    grant(connection, RELEASE, grants)
