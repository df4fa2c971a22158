"""What went out, and when: the rows of `governance.releases`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg.rows import args_row

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from privacy_governance.warehouse import Connection

RELEASES = """
select
    release_id, kind, night, coalesce(returns_to, release_id), reason, period, policy_digest, content_digest,
    relations, released_rows, published_at
from governance.releases
order by release_id desc
"""


@dataclass(frozen=True)
class Published:
    """A release as it went out; `content` is the release whose content it has, another one after a rollback."""

    release_id: int
    kind: str
    night: date
    content: int
    reason: str | None
    period: int | None
    policy_digest: str | None
    content_digest: str
    relations: Sequence[str]
    rows: int
    published_at: datetime


def history(connection: Connection) -> tuple[Published, ...]:
    """Return everything that readers ever saw, the standing release first."""
    with connection.cursor(row_factory=args_row(Published)) as cursor:
        return tuple(cursor.execute(RELEASES).fetchall())


def newest_content(published: tuple[Published, ...]) -> Published | None:
    """Return the release that was published last, whether it stands or was rolled back."""
    return next((each for each in published if each.kind == "publish"), None)
