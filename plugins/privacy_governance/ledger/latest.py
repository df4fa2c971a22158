"""The copy's lines in a temporary table of the warehouse, where SQL can compare them and bring them back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from privacy_governance.errors import WarehouseError
from privacy_governance.ledger.folder import RECEIPT_HEAD
from privacy_governance.ledger.rows import COPYABLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from privacy_governance.ledger.folder import CopyFile
    from privacy_governance.warehouse import Connection

MISSING = sql.SQL("""
select count(distinct {copied_key})
from pg_temp.ledger_lines as line
cross join lateral jsonb_populate_record(null::{relation}, line.entry -> 'row') as copied
where
    line.entry ->> 'table' = {name}
    and not exists (select 1 from {relation} as entry where {entry_key} = {copied_key})
""")

BRING_BACK = sql.SQL("""
with latest as (
    select distinct on ({key}) populated.*
    from pg_temp.ledger_lines as line
    cross join lateral jsonb_populate_record(null::{relation}, line.entry -> 'row') as populated
    where line.entry ->> 'table' = {name}
    order by {key}, line.position desc
)

insert into {relation} as present ({columns})
select {columns} from latest
on conflict ({key}) do update set {assignments}
where ({present}) is distinct from ({excluded})
""")

RECEIPTS_BACK = """
insert into governance.purge_receipts (
    receipt_id, night, relation, reason, subject_token, request_id, redacted_columns, purged_rows, plan_digest,
    purged_at, previous_digest, digest
)
select
    (content ->> 0)::bigint,
    (content ->> 1)::date,
    content ->> 2,
    content ->> 3,
    content ->> 4,
    content ->> 5,
    case
        when jsonb_typeof(content -> 6) = 'array' then array(select * from jsonb_array_elements_text(content -> 6))
    end,
    (content ->> 7)::bigint,
    content ->> 8,
    'epoch'::timestamptz + make_interval(secs => floor((content ->> 9)::numeric)::double precision)
    + ((content ->> 9)::numeric % 1) * interval '1 second',
    content ->> 10,
    digest
from (
    select entry -> 'row' as content, entry ->> 'digest' as digest, position
    from pg_temp.ledger_lines
    where entry ->> 'table' = 'purge_receipts'
) as copied
where not exists (select 1 from governance.purge_receipts as kept where kept.receipt_id = (content ->> 0)::bigint)
order by position
"""

FORKED = """
select min(kept.receipt_id)
from pg_temp.ledger_lines as line
inner join governance.purge_receipts as kept on kept.receipt_id = (line.entry -> 'row' ->> 0)::bigint
where line.entry ->> 'table' = 'purge_receipts' and kept.digest <> line.entry ->> 'digest'
"""


def load_latest(connection: Connection, files: Iterable[CopyFile], *, receipts: bool) -> None:
    """Load the copy's lines; receipts only where asked for, because there are most of them."""
    connection.execute("create temporary table ledger_lines (position bigint, entry jsonb) on commit drop")
    position = 0
    with connection.cursor().copy("copy pg_temp.ledger_lines (position, entry) from stdin") as rows:
        for file in files:
            for line in file.lines():
                if receipts or not line.startswith(RECEIPT_HEAD):
                    position += 1
                    rows.write(b"%d\t%s\n" % (position, line.replace(b"\\", b"\\\\")))
    connection.execute("analyze pg_temp.ledger_lines")


def missing(connection: Connection) -> list[tuple[str, int]]:
    """Return each table that lacks keys of the loaded copy, and how many."""
    lacking = []
    for table in COPYABLE:
        statement = MISSING.format(
            relation=table.relation,
            name=sql.Literal(table.name),
            copied_key=_of(table.key, "copied"),
            entry_key=_of(table.key, "entry"),
        )
        found = connection.execute(statement).fetchone()
        if found and found[0]:
            lacking.append((table.name, found[0]))
    return lacking


def bring_back(connection: Connection) -> int:
    """Bring back every row of the loaded copy that the warehouse lacks or holds in an older form; return how many.

    Raises:
        WarehouseError: the warehouse holds other receipts under the same numbers.

    """
    forked = connection.execute(FORKED).fetchone()
    if forked and forked[0] is not None:
        raise WarehouseError(
            f"receipt {forked[0]} is another one in the warehouse than in the ledger's copy: something was purged "
            "after the backup was restored, or the ledger was edited. Restore the backup again, then run this first."
        )
    changed = 0
    for table in COPYABLE:
        columns = table.columns(connection)
        names = [sql.Identifier(column) for column in columns]
        statement = BRING_BACK.format(
            relation=table.relation,
            name=sql.Literal(table.name),
            key=sql.SQL(", ").join(map(sql.Identifier, table.key)),
            columns=sql.SQL(", ").join(names),
            assignments=sql.SQL(", ").join(sql.SQL("{0} = excluded.{0}").format(name) for name in names),
            present=sql.SQL(", ").join(sql.SQL("present.{}").format(name) for name in names),
            excluded=sql.SQL(", ").join(sql.SQL("excluded.{}").format(name) for name in names),
        )
        changed += connection.execute(statement).rowcount
    return changed + connection.execute(RECEIPTS_BACK).rowcount


def _of(key: tuple[str, ...], alias: str) -> sql.Composed:
    columns = sql.SQL(", ").join(sql.Identifier(alias, column) for column in key)
    return sql.SQL("({})").format(columns)
