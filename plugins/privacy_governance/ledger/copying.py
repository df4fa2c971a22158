"""Copy what is new in the ledger into a folder outside the warehouse, where a restored backup can't undo it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from privacy_governance.errors import WarehouseError
from privacy_governance.ledger import folder
from privacy_governance.ledger.rows import CONTENT, COPYABLE, GENESIS, SESSION
from privacy_governance.locks import Lock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from privacy_governance.settings import Settings
    from privacy_governance.warehouse import Connection, Warehouse


CHANGED = sql.SQL("""
insert into pg_temp.ledger_changes (table_name, row_key, row_digest, line)
select {name}, row_key, row_digest, line
from (
    select
        {key} as row_key,
        md5({row}::text) as row_digest,
        '{{"table": "' || {name} || '", "row": ' || {row}::text || '}}' as line
    from {relation} as entry
) as present
where not exists (
    select 1 from governance.ledger_copied as copied
    where copied.table_name = {name} and copied.row_key = present.row_key and copied.row_digest = present.row_digest
)
""")

RECEIPTS = sql.SQL("""
copy (
    select '{{"table": "purge_receipts", "digest": "' || digest || '", "row": ' || {content} || '}}'
    from governance.purge_receipts
    where receipt_id > {after}
    order by receipt_id
) to stdout
""")

MARK = """
insert into governance.ledger_copied (table_name, row_key, row_digest)
select table_name, row_key, row_digest from pg_temp.ledger_changes
on conflict (table_name, row_key) do update set row_digest = excluded.row_digest
"""


@dataclass(frozen=True)
class Copied:
    """What one copy added: lines, and the file that holds them; no file where nothing was new."""

    lines: int
    file: Path | None
    begins: bool


def copy(warehouse: Warehouse, settings: Settings) -> Copied:
    """Append to the copy what the ledger gained or changed since the last one; run again, it finds nothing.

    Killed before the warehouse commits, the file is thrown away the next time; killed after, it is taken.

    Raises:
        WarehouseError: the folder holds a copy that this warehouse does not know: it was restored from a backup.

    """
    where = folder.ledger_folder(settings)
    with warehouse.connect("copy the ledger", session=SESSION) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", [Lock.COPY])
        _settle_pending(connection, where)
        newest_id, previous, newest_receipt = newest_copy(connection)
        files = folder.copy_files(where)
        require_known(connection, where, files)
        begins = not files or files[-1].copy_id != newest_id
        if begins:
            connection.execute("delete from governance.ledger_copied")
            newest_receipt = 0
        lines = _gather_changes(connection)
        latest = connection.execute("select coalesce(max(receipt_id), 0) from governance.purge_receipts").fetchone()
        latest_receipt = latest[0] if latest else 0
        lines += latest_receipt - newest_receipt
        if not lines:
            return Copied(0, None, begins=False)
        pending = where / f"{newest_id + 1:08}.jsonl{folder.PENDING}"
        digest = folder.write(
            pending,
            copy_id=newest_id + 1,
            previous=previous,
            begins=begins,
            lines=_lines(connection, after=newest_receipt),
        )
        connection.execute(
            "insert into governance.ledger_copies (copy_id, digest, newest_receipt) values (%s, %s, %s)",
            [newest_id + 1, digest, latest_receipt],
        )
        connection.execute(MARK)
    folder.settle(pending)
    return Copied(lines, pending.with_suffix(""), begins=begins)


def newest_copy(connection: Connection) -> tuple[int, str, int]:
    """Return the number, digest and newest receipt of the last copy that the warehouse knows."""
    found = connection.execute(
        "select copy_id, digest, newest_receipt from governance.ledger_copies order by copy_id desc limit 1"
    ).fetchone()
    return (found[0], found[1], found[2]) if found else (0, GENESIS, 0)


def is_pending(connection: Connection, where: Path) -> bool:
    """Whether the newest copy was committed and its file has not got its name yet: the next copy gives it."""
    newest_id, _, _ = newest_copy(connection)
    return (where / f"{newest_id:08}.jsonl{folder.PENDING}").exists()


def require_known(connection: Connection, where: Path, files: tuple[folder.CopyFile, ...]) -> None:
    """Hold the warehouse to the newest file of the copy.

    Raises:
        WarehouseError: it does not know the file.

    """
    if not files:
        return
    known = connection.execute(
        "select digest from governance.ledger_copies where copy_id = %s", [files[-1].copy_id]
    ).fetchone()
    if known != (files[-1].digest,):
        raise WarehouseError(
            f"the warehouse does not know {files[-1].path.name} of the ledger's copy in {where}: it was restored from "
            "a backup, and people who were deleted may be back. Run govern restore-check; no night runs until then. "
            "(If this is another warehouse than the copy's, give it a GOVERN_STATE_DIR of its own.)"
        )


def _gather_changes(connection: Connection) -> int:
    connection.execute(
        "create temporary table ledger_changes (table_name text, row_key text, row_digest text, line text)"
        " on commit drop"
    )
    changed = 0
    for table in COPYABLE:
        statement = CHANGED.format(
            name=sql.Literal(table.name), key=table.key_text, row=table.row, relation=table.relation
        )
        changed += connection.execute(statement).rowcount
    return changed


def _lines(connection: Connection, *, after: int) -> Iterator[bytes]:
    yield from copied_out(
        connection,
        sql.SQL(
            "copy (select line from pg_temp.ledger_changes order by array_position({}, table_name), row_key) to stdout"
        ).format([table.name for table in COPYABLE]),
    )
    yield from copied_out(connection, RECEIPTS.format(content=sql.SQL(CONTENT), after=after))


def copied_out(connection: Connection, statement: sql.Composed) -> Iterator[bytes]:
    """Yield the lines of a COPY of one column of JSON, each with its end; PostgreSQL sends a row a message."""
    with connection.cursor().copy(statement) as rows:
        for row in rows:
            # of what COPY escapes, JSON text only holds the backslash
            yield bytes(row).replace(b"\\\\", b"\\")


def _settle_pending(connection: Connection, where: Path) -> None:
    for pending in where.glob(f"*{folder.PENDING}"):
        digest = folder.digest_of(pending)
        if connection.execute("select 1 from governance.ledger_copies where digest = %s", [digest]).fetchone():
            folder.settle(pending)
        else:
            pending.unlink()
