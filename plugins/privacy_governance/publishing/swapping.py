"""Publish the validated candidate in one transaction: readers see yesterday's release, then tonight's, never a mix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from privacy_governance import releasing
from privacy_governance.errors import PublishingBlockedError
from privacy_governance.publishing.contents import (
    CANDIDATE,
    LOCK_TIMEOUT,
    PREVIOUS,
    RELEASE,
    append,
    content_digest,
    contents,
    digest_of,
    drop_all,
    growing_in,
    holds,
    keep_standing,
    move,
    relations_in,
    take_grants,
    views_in,
)
from privacy_governance.publishing.history import history, newest_content

if TYPE_CHECKING:
    from collections.abc import Mapping

    from privacy_governance.publishing.contents import Content
    from privacy_governance.publishing.history import Published
    from privacy_governance.warehouse import Connection, Warehouse

HANGS_ON = """
select 1
from pg_rewrite as rule
inner join pg_depend as dependency on rule.oid = dependency.objid and dependency.classid = 'pg_rewrite'::regclass
where
    rule.ev_class = to_regclass(format('%%I.%%I', %s::text, %s::text))
    and dependency.refobjid = to_regclass(format('%%I.%%I', %s::text, %s::text))
"""


@dataclass(frozen=True)
class Release:
    """What analysts can read after a publish."""

    relations: tuple[str, ...]
    rows: int
    digest: str
    is_new: bool


def publish(warehouse: Warehouse, *, night: str, policy: str) -> Release:
    """Make the candidate that this night validated the release; does nothing when it already is.

    The release that stood is kept in `research_previous`, unless its tokens are of a former period: then it is dropped.
    `policy` is the digest of what the candidate was made with.

    Raises:
        PublishingBlockedError: the night was not validated, the candidate changed since, a later night is published,
            or the candidate is what was rolled back.

    """
    with warehouse.connect("publish the release", session={"governance.night": night}) as connection:
        connection.execute(sql.SQL("set local lock_timeout = {}").format(LOCK_TIMEOUT))
        state, validated = connection.execute(
            "select state, candidate_digest from governance.nights where night = %s for update", [night]
        ).fetchone() or (None, None)
        if state not in {"validated", "published"}:
            raise PublishingBlockedError(
                f"night {night} is {state or 'unknown'}, not validated: the release stays as it was. "
                f"Resolve its violations (govern report), then run govern nightly --date {night} again."
            )
        candidate = contents(connection, CANDIDATE)
        digest, rows = digest_of(candidate), sum(each.rows for each in candidate.values())
        if not candidate and state == "published":
            released, released_rows = content_digest(connection, RELEASE)
            return Release(relations_in(connection, RELEASE), released_rows, released, is_new=False)
        if digest != validated:
            raise PublishingBlockedError(
                f"the candidate of night {night} changed after its validation. Run govern nightly --date {night} again."
            )
        _require_release_below(connection, night)
        published = history(connection)
        standing = views_in(connection, CANDIDATE) - growing_in(connection, CANDIDATE)
        is_new = not holds(connection, RELEASE, candidate, known=standing)
        if is_new:
            _require_progress(connection, published, night, candidate)
            (period,) = connection.execute("select max(period) from governance.key_periods").fetchone() or (None,)
            former = newest_content(published)
            is_new_period = former is not None and former.period != period
            if is_new_period:
                releasing.start_over(connection)
            releasing.admit(connection, night=night)
            _swap(connection, keep=not is_new_period)
            connection.execute(
                "insert into governance.releases"
                " (night, period, policy_digest, content_digest, relations, released_rows)"
                " values (%s, %s, %s, %s, %s, %s)",
                [night, period, policy, digest, sorted(candidate), rows],
            )
        else:
            releasing.admit(connection, night=night)
            drop_all(connection, CANDIDATE)
        connection.execute(
            "update governance.nights set state = 'published', decided_at = now()"
            " where night = %s and state <> 'published'",
            [night],
        )
    return Release(tuple(sorted(candidate)), rows, digest, is_new=is_new)


def _require_release_below(connection: Connection, night: str) -> None:
    """Hold a candidate with a view on a table that a rollback has put aside: its content would not be published."""
    for name in views_in(connection, CANDIDATE):
        if connection.execute(HANGS_ON, [CANDIDATE, name, RELEASE, name]).fetchone() is None:
            raise PublishingBlockedError(
                f"the candidate of night {night} goes on from a release that does not stand any more: {RELEASE}.{name} "
                f"is another table. Run govern nightly --date {night} again."
            )


def _require_progress(
    connection: Connection, published: tuple[Published, ...], night: str, candidate: Mapping[str, Content]
) -> None:
    newest = newest_content(published)
    if newest is None:
        return
    if newest.night.isoformat() > night:
        raise PublishingBlockedError(
            f"night {newest.night} is published already, and night {night} is an older one: the release stays as it "
            "is. Run a night that is not older than it."
        )
    standing = published[0]
    if standing.kind == "rollback" and holds(connection, PREVIOUS, candidate):
        raise PublishingBlockedError(
            f"the candidate of night {night} is the release that was rolled back"
            f"{f' ({standing.reason})' if standing.reason else ''}. Mend its cause; what this token period has "
            "released stays as it is until govern release rotate. Or return to it: govern release rollback."
        )


def _swap(connection: Connection, *, keep: bool) -> None:
    # views on the release's tables go before those do, or are moved
    drop_all(connection, PREVIOUS)
    views, growing = views_in(connection, CANDIDATE), growing_in(connection, CANDIDATE)
    made = [name for name in relations_in(connection, CANDIDATE) if name not in views]
    for name in views:
        connection.execute(sql.SQL("drop view {}").format(sql.Identifier(CANDIDATE, name)))
    if keep:
        leaving = [name for name in relations_in(connection, RELEASE) if name not in views]
        take_grants(connection, RELEASE, leaving)
        for name in leaving:
            move(connection, name, RELEASE, PREVIOUS)
        for name in views - growing:
            keep_standing(connection, name)
        for name in growing:
            append(connection, name)
    else:
        drop_all(connection, RELEASE)
    for name in made:
        move(connection, name, CANDIDATE, RELEASE)
