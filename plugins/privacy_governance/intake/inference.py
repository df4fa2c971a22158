"""Which type holds every value of a column without losing anything, found while the values stream past.

A type is taken only when PostgreSQL would give each value back as it came, but for how a moment and `true`
are written. So leading zeros (post codes), exponents (5.54563E+15: the digits are already gone), `+`,
`1,234`, `.5`, blanks around a value and dates that aren't ISO 8601 stay text. JSON inside a delimited file
stays text: jsonb would reorder it. In JSON Lines a string never becomes a number or a boolean.

A batch of a column is matched as one string, by one expression, while COPY works: asking PostgreSQL 18 the
same by regular expressions over the staged rows took five times as long as the COPY itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

INTEGER_DIGITS = 9  # 999,999,999 is below 2^31
BIGINT_DIGITS = 18  # below 2^63
NUMERIC_DIGITS = 1000  # far below PostgreSQL's 131,072 before and 16,383 after the point

_DAY = (
    r"(?!0000)(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    r"|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"
)
_TIME = r"[ T](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?"
_ZONE = r" ?(?:Z|UTC|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)"


def all_or_none(form: str) -> re.Pattern[str]:
    """Return an expression for a column of such values, each followed by a line end, some of them missing."""
    return re.compile(f"(?:(?:{form})?\n)*+")


FORMS = {
    "boolean": all_or_none("(?i:true|false)"),
    "number": all_or_none(r"(?:-(?!0(?:\.0*)?\n))?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"),
    "date": all_or_none(_DAY),
    "timestamp": all_or_none(_DAY + _TIME),
    "timestamptz": all_or_none(_DAY + _TIME + _ZONE),
}


class Evidence:
    """What the values seen so far allow a column to be; an empty value is NULL and allows anything."""

    def __init__(self) -> None:
        self.forms = set(FORMS)
        self.is_seen = False
        self.is_whole = True
        self.width = 0

    def observe(self, values: Sequence[str]) -> None:
        """Narrow the forms by some more values."""
        if not any(values):
            return
        text = "\n".join(values) + "\n"
        self.is_seen = True
        if text.count("\n") != len(values):  # a line end inside a value
            self.forms.clear()
        self.forms = {form for form in self.forms if FORMS[form].fullmatch(text)}
        if "number" in self.forms:
            self.is_whole = self.is_whole and "." not in text
            self.width = max(self.width, *map(len, values))

    @property
    def data_type(self) -> str:
        """The narrowest type; text for a column without any value."""
        if not self.is_seen or not self.forms:
            return "text"
        (form,) = self.forms  # no value has two of these forms
        return number_type(self.width, is_whole=self.is_whole) if form == "number" else form


def number_type(width: int, *, is_whole: bool) -> str:
    """Return the type for numbers of at most `width` characters, in plain notation."""
    if is_whole and width <= INTEGER_DIGITS:
        return "integer"
    if is_whole and width <= BIGINT_DIGITS:
        return "bigint"
    return "numeric" if width <= NUMERIC_DIGITS else "text"


class Number(str):
    """A JSON number as it is written, told apart from a string of the same characters."""

    __slots__ = ()


class JsonEvidence:
    """What the values seen so far allow a JSON key's column to be; null and a missing key allow anything."""

    def __init__(self) -> None:
        self.kinds: set[type] = set()
        self.written = Evidence()

    def observe(self, values: Sequence[object]) -> None:
        """Narrow by some more values: str, Number, bool, None, dict or list."""
        self.kinds |= set(map(type, values)) - {type(None)}
        if self.kinds in ({str}, {Number}) and self.written.forms:
            written = [value for value in values if isinstance(value, str)]
            if "" in written:  # an empty string is a value here, and no date
                self.written.forms.clear()
            self.written.observe(written)

    @property
    def data_type(self) -> str:
        """The narrowest type: jsonb where a value is nested, text where kinds are mixed."""
        if self.kinds == {bool}:
            return "boolean"
        if self.kinds == {Number}:  # in exponent form, too, jsonb has all digits
            return self.written.data_type if self.written.forms == {"number"} else "numeric"
        if self.kinds == {str}:
            return self.written.data_type if self.written.forms & {"date", "timestamp", "timestamptz"} else "text"
        return "jsonb" if self.kinds & {dict, list} else "text"
