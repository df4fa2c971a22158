"""Publish the validated candidate in one transaction: readers see yesterday's release, then tonight's, never a mix."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from privacy_governance.errors import PublishingBlockedError

if TYPE_CHECKING:
    from privacy_governance.warehouse import Connection, Warehouse

CANDIDATE = "research_candidate"
RELEASE = "research"
# readers' open queries delay the swap; beyond this the step fails and is tried again
LOCK_TIMEOUT = "30s"


@dataclass(frozen=True)
class Release:
    """What analysts can read after a publish."""

    relations: tuple[str, ...]
    rows: int
    digest: str
    is_new: bool


def publish(warehouse: Warehouse, *, night: str) -> Release:
    """Make the candidate that this night validated the release; does nothing when it already is.

    Raises:
        PublishingBlockedError: the night was not validated, or the candidate changed since.

    """
    with warehouse.connect("publish the release") as connection:
        connection.execute(sql.SQL("set local lock_timeout = {}").format(LOCK_TIMEOUT))
        state, validated = connection.execute(
            "select state, candidate_digest from governance.nights where night = %s for update", [night]
        ).fetchone() or (None, None)
        if state not in {"validated", "published"}:
            raise PublishingBlockedError(
                f"night {night} is {state or 'unknown'}, not validated: the release stays as it was. "
                f"Resolve its violations (govern report), then run govern nightly --date {night} again."
            )
        candidate = relations_in(connection, CANDIDATE)
        digest, rows = content_digest(connection, CANDIDATE)
        if not candidate and state == "published":
            released, released_rows = content_digest(connection, RELEASE)
            return Release(relations_in(connection, RELEASE), released_rows, released, is_new=False)
        if digest != validated:
            raise PublishingBlockedError(
                f"the candidate of night {night} changed after its validation. Run govern nightly --date {night} again."
            )
        is_new = content_digest(connection, RELEASE)[0] != digest
        if is_new:
            _swap(connection)
            connection.execute(
                "insert into governance.releases (night, content_digest, relations, released_rows)"
                " values (%s, %s, %s, %s)",
                [night, digest, list(candidate), rows],
            )
        else:
            _drop_all(connection, CANDIDATE)
        connection.execute(
            "update governance.nights set state = 'published', decided_at = now()"
            " where night = %s and state <> 'published'",
            [night],
        )
    return Release(candidate, rows, digest, is_new=is_new)


def relations_in(connection: Connection, schema: str) -> tuple[str, ...]:
    """Names of the tables in `schema`, sorted."""
    rows = connection.execute(
        "select relname::text from pg_class where relnamespace = %s::regnamespace and relkind in ('r', 'p') order by 1",
        [schema],
    )
    return tuple(name for (name,) in rows)


def content_digest(connection: Connection, schema: str) -> tuple[str, int]:
    """Return a digest of every table of `schema` (names, column types, rows in any order), and the rows in all."""
    content = []
    total = 0
    for name in relations_in(connection, schema):
        columns = connection.execute(
            "select attname::text, format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = format('%%I.%%I', %s::text, %s::text)::regclass and attnum > 0 and not attisdropped"
            " order by attnum",
            [schema, name],
        ).fetchall()
        rows, *sums = connection.execute(
            sql.SQL(
                "select count(*), sum(hashtextextended(t::text, 0)), sum(hashtextextended(t::text, 1)) from {} as t"
            ).format(sql.Identifier(schema, name))
        ).fetchone() or (0,)
        content.append([name, columns, rows, [str(part) for part in sums]])
        total += rows
    return hashlib.sha256(json.dumps(content).encode()).hexdigest(), total


def _swap(connection: Connection) -> None:
    _drop_all(connection, RELEASE)
    for name in relations_in(connection, CANDIDATE):
        connection.execute(
            sql.SQL("alter table {} set schema {}").format(sql.Identifier(CANDIDATE, name), sql.Identifier(RELEASE))
        )


def _drop_all(connection: Connection, schema: str) -> None:
    for name in relations_in(connection, schema):
        connection.execute(sql.SQL("drop table {}").format(sql.Identifier(schema, name)))
