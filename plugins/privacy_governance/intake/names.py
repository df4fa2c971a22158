"""Column names as a file gives them: kept exactly, or refused by position, never quoted in a reason.

A refused name is told by its position because the line may not be a header at all: then it holds values.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from privacy_governance.intake.folder import NAME_BYTES
from privacy_governance.intake.outcome import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_COLUMNS = 1600  # PostgreSQL's limit
SYSTEM_COLUMNS = {"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"}
# number, date, address of mail, uuid: what stands in a first line that is data
VALUE = re.compile(
    r"[-+]?[\d.,]+(e[-+]?\d+)?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?|\S+@\S+\.\S+"
    r"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    re.IGNORECASE,
)


def refusals_of_names(names: Sequence[str], file: str, line: int | None) -> list[Refusal]:
    """Return why these column names can't become a table's; empty when they can."""
    if len(names) > MOST_COLUMNS:
        return [Refusal(file, line, f"{len(names):,} columns; PostgreSQL holds {MOST_COLUMNS:,}. Split the file.")]
    found: list[Refusal] = []
    first: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        reason = reason_against(name)
        if reason is None and name in first:
            reason = f"has the same name as column {first[name]}. Rename one of them."
        first.setdefault(name, position)
        if reason is not None:
            found.append(Refusal(file, line, f"column {position} {reason}"))
    return found


def reason_against(name: str) -> str | None:
    """Return why one name can't be a column's, or None."""
    if not name.strip():
        return "has no name. Give every column a name."
    if VALUE.fullmatch(name.strip()) or not any(character.isalpha() or character == "_" for character in name):
        return "has a value for its name. Give every column a name (without a header, add a first line)."
    if len(name.encode()) > NAME_BYTES:
        return f"has a name over {NAME_BYTES} bytes, PostgreSQL's limit. Shorten it (or is the header missing?)."
    if any(not character.isprintable() for character in name):
        return "has a line end or another control character in its name. Rename it."
    if name in SYSTEM_COLUMNS:
        return "has a name that PostgreSQL keeps for itself. Rename it."
    return None
