"""After a purge: free the rows, the index keys and the statistics that still hold what was deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    from psycopg.errors import Diagnostic

    from privacy_governance.warehouse import Warehouse

LOCK_NOT_AVAILABLE = "55P03"
PURGED = """
select distinct relation from governance.purge_receipts
where night = %s and to_regclass(relation) is not null
order by relation
"""


@dataclass(frozen=True)
class Vacuumed:
    """Relations that were vacuumed, and those skipped because another session had them locked."""

    relations: tuple[str, ...]
    skipped: tuple[str, ...]


def vacuum(warehouse: Warehouse, *, night: str) -> Vacuumed:
    """Vacuum and analyze what lost rows in `night`; what is locked is skipped and told, a night does not wait for it.

    Index cleanup is forced: by itself a VACUUM after a small purge leaves the deleted keys in the index. A vacuum never
    blocks readers or writers.
    """
    done: list[str] = []
    skipped: list[str] = []
    told: list[str | None] = []

    def hear(warning: Diagnostic) -> None:
        told.append(warning.sqlstate)  # read at once: it is void when the statement is over

    with warehouse.connect("vacuum what was purged", autocommit=True) as connection:
        connection.add_notice_handler(hear)
        for (relation,) in connection.execute(PURGED, [night]).fetchall():
            told.clear()
            connection.execute(
                sql.SQL("vacuum (index_cleanup on, skip_locked on, analyze) {}").format(sql.SQL(relation))
            )
            (skipped if LOCK_NOT_AVAILABLE in told else done).append(relation)
    return Vacuumed(tuple(done), tuple(skipped))
