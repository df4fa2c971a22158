"""A file of requests into `raw.privacy_requests`, checked in SQL row by row: what can't be taken is told."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from privacy_governance.locks import Lock
from privacy_governance.requests.desk_tables import require_table
from privacy_governance.requests.reading import read_requests
from privacy_governance.requests.vocabulary import ID_FORM, REFERENCE_FORM, REGULATION_TYPES
from privacy_governance.scripts import script

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from privacy_governance.warehouse import Connection

TOLD_EVERY: Final = 100_000
# Python's writer quotes what is part of it, and COPY takes neither a carriage return nor a line feed unquoted
LINE_END: Final = "\r\n"


@dataclass(frozen=True)
class RefusedRow:
    """A row of a file that isn't a request: its line (from 1), the subject of a payload it is (from 1; else 0), why."""

    line: int
    part: int
    reason: str


@dataclass(frozen=True)
class Submitted:
    """What became of a file's rows: read = kept + known + refused.

    known: taken before, or standing twice in the file. completed: those of the known that are confirmed or verified
    since then.
    """

    read: int
    kept: int
    known: int
    completed: int
    refused: tuple[RefusedRow, ...]


def submit(
    connection: Connection, file: Path, *, tell: Callable[[int], None] = lambda _: None, dry_run: bool = False
) -> Submitted:
    """Take the requests of `file`; `tell` hears the rows read so far. The same file again changes nothing.

    Needs a bootstrapped warehouse and a session with the keys; commits nothing itself. With `dry_run` no request is
    written.

    Raises:
        IntakeError: the file as a whole can't be read; nothing was taken.

    """
    connection.execute("set local timezone = 'UTC'")
    connection.execute("set local work_mem = '256MB'")
    connection.execute("set local jit = off")  # it compiles longer than it saves on a few wide passes
    connection.execute("set local enable_mergejoin = off")  # ids are text: sorting them costs more than hashing
    connection.execute("select pg_advisory_xact_lock(%s)", [Lock.SUBMIT])
    require_table(connection, "privacy_requests")
    connection.execute(script(__package__, "stage"))
    with connection.cursor().copy(b"copy staged from stdin (format csv)") as copy:
        for block in _blocks(file, tell):
            copy.write(block)
    read = connection.execute(
        script(__package__, "check"),
        {
            "types": list(REGULATION_TYPES),
            "id": ID_FORM,
            "reference": REFERENCE_FORM,
            "file_digest": _digest(file),
        },
    ).rowcount
    connection.execute("analyze judged (request_id)")
    set_aside = connection.execute(script(__package__, "compare")).rowcount
    kept = read - set_aside if dry_run else connection.execute(script(__package__, "keep")).rowcount
    completed = 0 if dry_run else connection.execute(script(__package__, "complete")).rowcount
    refused = connection.execute(
        "select line, part, refusal from set_aside where refusal is not null order by line, part"
    ).fetchall()
    connection.execute("drop table staged, judged, set_aside")
    return Submitted(read, kept, set_aside - len(refused), completed, tuple(RefusedRow(*row) for row in refused))


def _blocks(file: Path, tell: Callable[[int], None]) -> Iterator[str]:
    """Yield the requests of `file` as CSV, in blocks; an empty field is unquoted, which COPY reads as null."""
    read = 0
    for batch in read_requests(file):
        yield _csv(batch)
        read += len(batch)
        if read % TOLD_EVERY == 0:
            tell(read)


def _csv(rows: list[tuple[str, ...]]) -> str:
    joined = "".join(",".join(row) + LINE_END for row in rows)
    commas = sum(map(len, rows)) - len(rows)
    # nothing in a field that has to be quoted: a writer, which looks at each, takes five times as long
    if joined.count(",") == commas and joined.count("\r") == joined.count("\n") == len(rows) and '"' not in joined:
        return joined
    block = io.StringIO()
    csv.writer(block, lineterminator=LINE_END).writerows(rows)
    return block.getvalue()


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
