"""Elements of a JSON array, one after another, without holding the array in memory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import io
    from collections.abc import Callable

CHUNK_CHARACTERS = 1 << 20
ELEMENT_CHARACTERS = 16 * 1024 * 1024  # bounds memory where an element never ends
BLANKS = re.compile(r"[ \t\r\n]*")


class ArrayError(ValueError):
    """The text isn't one JSON array; says why, without a value."""


class ArrayReader:
    """Reads `[element, element, …]` from text; `scan` parses one value at a position and returns its end."""

    def __init__(self, text: io.TextIOBase, scan: Callable[[str, int], tuple[object, int]]) -> None:
        self.text = text
        self.scan = scan
        self.buffer, self.at, self.lines_before = "", 0, 0
        self.is_begun = False

    @property
    def line(self) -> int:
        """The physical line (from 1) that the reader has come to."""
        return self.lines_before + self.buffer.count("\n", 0, self.at) + 1

    def next_element(self) -> tuple[str, object] | None:
        """Return the next element as written and as parsed, or None after the last.

        Raises:
            ArrayError: something else than a value, a comma or the end; `line` says where.
            ValueError: what `scan` raises for a value that is complete and wrong.

        """
        expected = "," if self.is_begun else "["
        mark = self._peek()
        if mark == "]" and self.is_begun:
            self.at += 1
            if self._peek():
                raise ArrayError("more text after the array's end.")
            return None
        if mark != expected:
            raise ArrayError("not a JSON array of objects: a comma or a bracket is missing.")
        self.at += 1
        if self._peek() == "]" and not self.is_begun:
            self.is_begun = True
            return self.next_element()
        self.is_begun = True
        return self._element()

    def _element(self) -> tuple[str, object]:
        if self._peek() != "{":
            raise ArrayError("an element of the array isn't an object.")
        while True:
            try:
                value, end = self.scan(self.buffer, self.at)
            except ValueError:  # wrong, or cut off at the end of what was read so far
                if len(self.buffer) - self.at > ELEMENT_CHARACTERS or not self._read(len(self.buffer)):
                    raise
            else:
                element = self.buffer[self.at : end]
                self.at = end
                return element, value

    def _peek(self) -> str:
        """Skip blanks and return the next character, or nothing at the end of the text."""
        while True:
            found = BLANKS.match(self.buffer, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self._read():
                return ""

    def _read(self, at_least: int = 0) -> bool:
        """Drop what was consumed and read on; False at the end of the text."""
        more = self.text.read(max(CHUNK_CHARACTERS, at_least))
        if more:
            self.lines_before += self.buffer.count("\n", 0, self.at)
            self.buffer, self.at = self.buffer[self.at :] + more, 0
        return bool(more)
