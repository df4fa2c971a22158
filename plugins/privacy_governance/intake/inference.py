"""Which type holds every value of a column without losing anything: decided in SQL, over all rows.

A type is taken only when PostgreSQL would give each value back as it came, but for how a moment and `true` are
written. So leading zeros (post codes), exponents (5.54563E+15: the digits are already gone), `+`, `1,234`, `.5`,
blanks around a value and dates that aren't ISO 8601 stay text. JSON inside a delimited file stays text: jsonb
would reorder it. In JSON Lines a string never becomes a number or a boolean: its sender said that it is a string.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from privacy_governance.warehouse import Connection

SAMPLE_ROWS = 1000
INTEGER_DIGITS = 9  # 999,999,999 is below 2^31
BIGINT_DIGITS = 18  # below 2^63
NUMERIC_DIGITS = 1000  # far below PostgreSQL's 131,072 before and 16,383 after the point

_DAY = (
    r"(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
    r"|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)"
)
_TIME = r"[ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
_ZONE = r" ?(Z|UTC|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)"
NUMBER = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"
DAY = f"^{_DAY}$"
LOCAL_TIME = f"^{_DAY}{_TIME}$"
MOMENT = f"^{_DAY}{_TIME}{_ZONE}$"


@dataclass(frozen=True)
class Cell:
    """A column of the staging table as SQL: its text, and its JSON value where it has one."""

    text: str
    json: str | None = None

    def facts(self) -> dict[str, str]:
        """Return boolean SQL per fact; a column has a fact when every value that isn't null has it."""
        kind = f"nullif(jsonb_typeof({self.json}), 'null')" if self.json else None
        string = f"{kind} = 'string' and " if kind else ""
        number = f"{kind} = 'number' and " if kind else ""
        boolean = f"{kind} = 'boolean'" if kind else rf"{self.text} ~* '^(true|false)$'"
        matches = f'{self.text} collate "C" ~'
        facts = {
            "boolean": boolean,
            "number": f"{number}{matches} '{NUMBER}' and ({self.text} not like '-0%' or {matches} '[1-9]')",
            "whole": f"strpos({self.text}, '.') = 0",
            "short": f"length({self.text}) <= {NUMERIC_DIGITS}",
            "bigint": f"length({self.text}) <= {BIGINT_DIGITS}",
            "integer": f"length({self.text}) <= {INTEGER_DIGITS}",
            "date": f"{string}{matches} '{DAY}'",
            "timestamp": f"{string}{matches} '{LOCAL_TIME}'",
            "timestamptz": f"{string}{matches} '{MOMENT}'",
        }
        if kind:
            facts["scalar"] = f"{kind} not in ('object', 'array')"
        return facts

    def cast(self, data_type: str) -> str:
        """Return SQL for the column's value in its type."""
        if data_type == "jsonb":
            return f"nullif({self.json}, 'null'::jsonb)"
        return self.text if data_type == "text" else f"({self.text})::{data_type}"


Facts = dict[str, bool | None]


def inferred_types(connection: Connection, staging: str, cells: Sequence[Cell]) -> list[str]:
    """Return each column's type; one scan of all rows asks only what the first thousand left open."""
    sample = f"(select * from {staging} limit {SAMPLE_ROWS}) as sample"  # noqa: S608 -- our own staging table
    sampled = held_facts(connection, sample, [cell.facts() for cell in cells])
    asked = [
        {fact: sql for fact, sql in cell.facts().items() if fact in left_open(facts)}
        for cell, facts in zip(cells, sampled, strict=True)
    ]
    final = held_facts(connection, staging, asked)
    return [type_of({**early, **late}) for early, late in zip(sampled, final, strict=True)]


def left_open(facts: Facts) -> set[str]:
    """Return the facts that a sample did not refute; digits matter only where everything may be a number."""
    digits = set() if facts["number"] is not False else {"whole", "short", "bigint", "integer"}
    return {fact for fact, held in facts.items() if held is not False} - digits


def type_of(facts: Facts) -> str:
    """Return the narrowest type that a column's facts allow; a column without any value is text."""
    for data_type in ("boolean", "date", "timestamp", "timestamptz"):
        if facts[data_type]:
            return data_type
    if facts["number"] and facts["short"]:
        widths = ("integer", "bigint") if facts["whole"] else ()
        return next((data_type for data_type in widths if facts[data_type]), "numeric")
    return "jsonb" if facts.get("scalar") is False else "text"


def held_facts(connection: Connection, source: str, asked: Sequence[Mapping[str, str]]) -> list[Facts]:
    """Return, per column, which of the facts asked for hold over `source`; None where it has no value."""
    arrays = ", ".join(
        f"array[{', '.join(f'bool_and({fact})' for fact in facts.values())}]" for facts in asked if facts
    )
    if not arrays:
        return [{} for _ in asked]
    row = connection.execute(f"select {arrays} from {source}".encode()).fetchone() or ()  # noqa: S608 -- names are ours
    answers = iter(row)
    return [dict(zip(facts, next(answers), strict=True)) if facts else {} for facts in asked]
