"""What columns the warehouse really has, whatever was declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from privacy_governance.warehouse.connection import Connection

Schema = dict[str, dict[str, str]]

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
    and attribute.attnum > 0
    and not attribute.attisdropped
order by 1, attribute.attnum
"""


def columns_in(connection: Connection, schemas: Sequence[str]) -> Schema:
    """Return `{"schema.table": {column: type}}` of every table and view in `schemas`, quoted as in SQL."""
    found: Schema = {}
    for relation, column, data_type in connection.execute(COLUMNS, [list(schemas)]):
        found.setdefault(relation, {})[column] = data_type
    return found
