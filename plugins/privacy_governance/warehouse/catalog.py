"""What columns the warehouse really has, whatever was declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from privacy_governance.warehouse.connection import Connection

Schema = dict[str, dict[str, str]]

# What a night works with beside its models' tables, by its endings, and leaves until the next one where it is refused
# or killed: closed weeks of a candidate, the release's table before them (materialization `release`), the counts of a
# planned purge, and what it asked (planning.sql). It holds no column that they don't.
CLOSED = "__closed"
BEFORE = "__before"
ASKED = "^(int_(identifiers__tombstoned|identifiers__held|columns__unread)|honoured_exceptions)_now"
WORKING = {"research_candidate": f"({CLOSED}|{BEFORE})$", "intermediate": f"(__doomed_groups|{ASKED})$"}

COLUMNS = """
select
    format('%%I.%%I', namespace.nspname, relation.relname),
    attribute.attname::text,
    format_type(attribute.atttypid, attribute.atttypmod)
from pg_class as relation
inner join pg_namespace as namespace on relation.relnamespace = namespace.oid
inner join pg_attribute as attribute on relation.oid = attribute.attrelid
where
    namespace.nspname = any(%s)
    and relation.relkind in ('r', 'p', 'v', 'm', 'f')
    and not relation.relispartition
    and relation.relname !~ coalesce(%s::jsonb ->> namespace.nspname, '$^')
    and attribute.attnum > 0
    and not attribute.attisdropped
order by 1, attribute.attnum
"""


def columns_in(connection: Connection, schemas: Sequence[str]) -> Schema:
    """Return `{"schema.table": {column: type}}` of every table and view in `schemas`, quoted as in SQL.

    But for what a night works with beside them.
    """
    found: Schema = {}
    for relation, column, data_type in connection.execute(COLUMNS, [list(schemas), Jsonb(WORKING)]):
        found.setdefault(relation, {})[column] = data_type
    return found
