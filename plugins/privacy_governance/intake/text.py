"""Lines of text from a file as it came: compressed or not, in the encoding that it turns out to be in."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from privacy_governance.intake.outcome import Refusal, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINE_CHARACTERS = 64 * 1024 * 1024  # bounds memory when a file has no line ends at all
GZIP_MAGIC = b"\x1f\x8b"
# UTF-32 before UTF-16: the little-endian mark of the one begins with that of the other
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UNDEFINED_IN_1252 = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Yield the file's bytes, decompressed when it begins like gzip.

    Raises:
        RefusedError: unreadable, or its compression is damaged or cut off.

    """
    try:
        with path.open("rb") as raw:
            compressed = raw.read(2) == GZIP_MAGIC
            raw.seek(0)
            if path.suffix.lower() == ".gz" and not compressed:
                raise RefusedError(Refusal(path.name, None, "named .gz but not gzip. Drop the ending or compress it."))
            if compressed:
                with gzip.open(raw) as plain:
                    yield io.BufferedReader(plain, 1 << 20)
            else:
                yield raw
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise RefusedError(Refusal(path.name, None, "the compression is damaged or cut off. Copy it again.")) from None
    except OSError as error:
        raise RefusedError(Refusal(path.name, None, f"can't be read: {error.strerror}.")) from None


def marked_encoding(path: Path) -> str | None:
    """Return the encoding that the file's byte-order mark names, or None without one."""
    with opened(path) as file:
        head = file.read(4)
    return next((encoding for mark, encoding in MARKS if head.startswith(mark)), None)


def unmarked_encoding(path: Path) -> str:
    """Return the encoding of a file that has no mark and isn't all UTF-8: one of Windows-1252 and Latin-1.

    A file in which other lines are UTF-8 beyond ASCII is a damaged UTF-8 file, not a Western one: read as
    Windows-1252 every name in it would come out wrong.

    Raises:
        RefusedError: damaged UTF-8, with the first damaged line.

    """
    unicode_lines, first_damaged, western = 0, 0, "cp1252"
    with opened(path) as file:
        number = 0
        while line := file.readline(LINE_CHARACTERS):
            number += 1
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
                unicode_lines += 1
            except UnicodeDecodeError:
                first_damaged = first_damaged or number
            if any(byte in line for byte in UNDEFINED_IN_1252):
                western = "latin-1"
    if unicode_lines:
        reason = f"not valid UTF-8, though {unicode_lines:,} other lines are. Export it again, in one encoding."
        raise RefusedError(Refusal(path.name, first_damaged, reason))
    return western


@contextmanager
def decoded(path: Path, encoding: str) -> Iterator[io.TextIOWrapper]:
    """Yield the file as text, its line ends untouched (a quoted field may hold either kind)."""
    with opened(path) as file:
        text = io.TextIOWrapper(file, encoding=encoding, errors="strict", newline="")
        try:
            yield text
        finally:
            text.detach()


def lines(text: io.TextIOWrapper, name: str) -> Iterator[str]:
    """Yield physical lines with their ends.

    Raises:
        RefusedError: a NUL, which PostgreSQL can't hold, or a line too long to be one.
        UnicodeDecodeError: the text is in another encoding; its message quotes the file, so never show it.

    """
    number = 0
    while line := text.readline(LINE_CHARACTERS):
        number += 1
        if "\0" in line:
            reason = "a NUL character, which PostgreSQL can't store (UTF-16 without its mark? Save as UTF-8)."
            raise RefusedError(Refusal(name, number, reason))
        if len(line) == LINE_CHARACTERS:
            raise RefusedError(Refusal(name, number, f"over {LINE_CHARACTERS:,} characters without a line end."))
        yield line
