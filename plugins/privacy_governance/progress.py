"""One line of progress per step, written by whichever process runs it and shown by the command line."""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_VARIABLE = "GOVERN_PROGRESS_FILE"
STOPPED = "stopped: "
_RECORD: ContextVar[Path | None] = ContextVar("record", default=None)


@dataclass(frozen=True)
class Progress:
    """What a step has to say: its name, a sentence with counts (never a value), and seconds since the epoch."""

    step: str
    message: str
    at: float


def say(step: str, message: str) -> None:
    """Append one progress line for `step`; without a listener its first line goes to standard output."""
    progress = Progress(step, message, time.time())
    listener = os.environ.get(FILE_VARIABLE)
    if listener is None:
        # only a refusal has more lines, and those its error tells
        print(f"{step:>10}  {message.splitlines()[0]}", flush=True)
    target = _RECORD.get() if listener is None else Path(listener)
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("a") as file:
            file.write(json.dumps(asdict(progress)) + "\n")


@contextmanager
def recorded(record: Path) -> Iterator[None]:
    """Keep in `record` what is said here, too; a listener writes a record of its own."""
    before = _RECORD.set(record)
    try:
        yield
    finally:
        _RECORD.reset(before)


def begin(record: Path) -> None:
    """Drop what an earlier run recorded; where somebody listens, it did that before the run."""
    if FILE_VARIABLE not in os.environ:
        record.unlink(missing_ok=True)


@contextmanager
def unheard() -> Iterator[None]:
    """Keep what is said in this process to itself, for a command that sums it up."""
    before = os.environ.get(FILE_VARIABLE)
    os.environ[FILE_VARIABLE] = os.devnull
    try:
        yield
    finally:
        if before is None:
            del os.environ[FILE_VARIABLE]
        else:
            os.environ[FILE_VARIABLE] = before


def read(file: Path, *, offset: int) -> Iterator[tuple[Progress, int]]:
    """Yield each complete progress line of `file` from byte `offset` on, with the offset after it."""
    if not file.exists():
        return
    with file.open("rb") as lines:
        lines.seek(offset)
        for line in lines:
            if not line.endswith(b"\n"):
                return
            offset += len(line)
            yield Progress(**json.loads(line)), offset
