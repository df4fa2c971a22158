"""Recompute the receipts' hash chain from their columns, and hold the warehouse to the ledger's copy."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from psycopg import sql

from privacy_governance.ledger.copying import is_pending, newest_copy
from privacy_governance.ledger.folder import copy_files, receipt_digests
from privacy_governance.ledger.latest import load_latest, missing
from privacy_governance.ledger.rows import CONTENT, GENESIS, SESSION

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from privacy_governance.ledger.folder import CopyFile
    from privacy_governance.warehouse import Connection, Warehouse

FINDINGS_KEPT = 1000
BLOCK = 1000

# counted by itself first, because PostgreSQL spreads a count over the cores, and a list that may be long it does not
IS_EDITED = sql.SQL("digest is distinct from encode(sha256(convert_to({}, 'UTF8')), 'hex')").format(sql.SQL(CONTENT))
EDITED = sql.SQL("select count(*) filter (where {}) from governance.purge_receipts").format(IS_EDITED)
EDITED_ONES = sql.SQL("select receipt_id from governance.purge_receipts where {} order by 1").format(IS_EDITED)

# a thousand receipts a row: a row each costs more to send and receive than to verify
BLOCKS = sql.SQL("""
select
    (receipt_id - 1) / {block},
    count(*),
    string_agg(digest, '' order by receipt_id),
    array_agg(receipt_id) filter (where not follows),
    array_agg(before) filter (where receipt_id <> before + 1),
    array_agg(receipt_id) filter (where receipt_id <> before + 1)
from (
    select
        receipt_id,
        digest,
        previous_digest = lag(digest, 1, {genesis}) over in_order as follows,
        lag(receipt_id, 1, 0::bigint) over in_order as before
    from governance.purge_receipts
    window in_order as (order by receipt_id)
) as linked
group by (receipt_id - 1) / {block}
order by 1
""").format(block=BLOCK, genesis=GENESIS)

CUT_OFF = "in the copy and not in the warehouse: its end was cut off, or a backup restored"
ONE_BLOCK = "select receipt_id, digest from governance.purge_receipts where (receipt_id - 1) / %s = %s"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with the ledger: the receipts it is about (none: another table's rows), and what."""

    first_receipt: int | None
    last_receipt: int | None
    what: str


@dataclass(frozen=True)
class Verification:
    """What was verified and what was found; `head` is the newest receipt's digest, to be kept elsewhere."""

    receipts: int
    copied_receipts: int
    copies: int
    head: str
    found: int
    findings: tuple[Finding, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return self.found == 0


class _Findings:
    """Keeps the first findings and counts all; receipts that stand together and lack the same are one."""

    def __init__(self) -> None:
        self.count = 0
        self.kept: list[Finding] = []

    def add(self, what: str, first: int | None = None, last: int | None = None) -> None:
        """Add one finding, or widen the one before it."""
        last = first if last is None else last
        before = self.kept[-1] if self.kept else None
        if before and before.what == what and before.last_receipt is not None and before.last_receipt + 1 == first:
            self.kept[-1] = Finding(before.first_receipt, last, what)
            return
        self.count += 1
        if len(self.kept) < FINDINGS_KEPT:
            self.kept.append(Finding(first, last, what))


def verify(warehouse: Warehouse, folder: Path) -> Verification:
    """Recompute each receipt's digest and link, and compare them and the rest of the ledger with the copy.

    Asks for columns only and calls PostgreSQL's own functions: none of the ledger's, which an intruder could replace.

    Raises:
        WarehouseError: the copy's own files are damaged; names the file.

    """
    files = copy_files(folder)
    findings = _Findings()
    with warehouse.connect("verify the ledger", session={**SESSION, "search_path": "pg_catalog"}) as connection:
        connection.execute("set transaction isolation level repeatable read")
        if connection.execute(EDITED).fetchone() != (0,):
            for (number,) in connection.execute(EDITED_ONES):
                findings.add("edited: its digest is of other content", number)
        receipts, copied, head = _follow(connection, files, findings)
        newest_id, newest_digest, _ = newest_copy(connection)
        named_id = newest_id - is_pending(connection, folder)
        if named_id and not files:
            findings.add(
                f"no file of the copy is in {folder}, and {newest_id:,} were written: nothing shows whether receipts "
                "were cut off. Bring them back from where the folder is kept too, or name it with --ledger"
            )
        if files and files[-1].copy_id < named_id:
            findings.add(f"the copy ends with file {files[-1].copy_id} of {newest_id}: later files are gone")
        if files and files[-1].copy_id == newest_id and files[-1].digest != newest_digest:
            findings.add(f"{files[-1].path.name} is not the file that the warehouse knows: it was edited")
        if files:
            load_latest(connection, files, receipts=False)
            for table, count in missing(connection):
                findings.add(f"governance.{table} lacks {count:,} row(s) that the copy holds")
    return Verification(receipts, copied, len(files), head, findings.count, tuple(findings.kept))


def _follow(connection: Connection, files: tuple[CopyFile, ...], findings: _Findings) -> tuple[int, int, str]:
    receipts = compared = 0
    head = GENESIS
    copied = _copied_blocks(files)
    theirs = next(copied, None)
    with connection.cursor("receipts") as blocks:
        for block, count, digests, unlinked, gap_starts, gap_ends in blocks.execute(BLOCKS):
            receipts += count
            head = digests[-64:]
            for before, after in zip(gap_starts or (), gap_ends or (), strict=True):
                findings.add("missing", before + 1, after - 1)
            # after a gap nothing can follow: the gap is what is wrong
            for number in sorted(set(unlinked or ()) - set(gap_ends or ())):
                findings.add("does not follow the receipt before it: reordered, or chained anew", number)
            while theirs is not None and theirs[0] < block:  # named as missing above
                compared += len(theirs[1])
                theirs = next(copied, None)
            if theirs is not None and theirs[0] == block:
                compared += len(theirs[1])
                expected = b"".join(digest for _, digest in theirs[1])
                if not digests.encode().startswith(expected):
                    _compare(connection, block, dict(theirs[1]), findings)
                theirs = next(copied, None)
    while theirs is not None:
        for number, _ in theirs[1]:
            findings.add(CUT_OFF, number)
        compared += len(theirs[1])
        theirs = next(copied, None)
    return receipts, compared, head


def _compare(connection: Connection, block: int, copied: dict[int, bytes], findings: _Findings) -> None:
    stored: dict[int, str] = dict(connection.execute(ONE_BLOCK, [BLOCK, block]).fetchall())
    newest = connection.execute("select max(receipt_id) from governance.purge_receipts").fetchone()
    for number, digest in copied.items():
        if number in stored and stored[number].encode() != digest:
            findings.add("not the receipt that was copied", number)
        elif newest and number > newest[0]:
            findings.add(CUT_OFF, number)


def _copied_blocks(files: tuple[CopyFile, ...]) -> Iterator[tuple[int, list[tuple[int, bytes]]]]:
    for block, receipts in groupby(receipt_digests(files), key=lambda receipt: (receipt[0] - 1) // BLOCK):
        yield block, list(receipts)
