"""The index of nights: verdict and counts of each, as its report says, and where the report is."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from privacy_governance.pages.rendering import environment
from privacy_governance.report.facts import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NIGHT = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
NIGHTS_A_PAGE = 31
REPORT, DATA = "report.html", "report.json"


@dataclass(frozen=True)
class NightEntry:
    """A night with a report; a count is None where the report could not tell it."""

    night: str
    verdict: str
    why: str
    broken_rules: tuple[str, ...]
    findings: int | None
    purged_rows: int | None
    unknown_columns: int | None
    unmet: int | None
    open_requests: int | None


def read_nights(nights: Path, *, before: str | None = None) -> tuple[tuple[NightEntry, ...], str | None]:
    """Return a page of nights that have a report, the newest first, and the night before which the next page lies.

    Args:
        nights: one folder a night.
        before: ISO date; only nights before it.

    """
    folders = nights.iterdir() if nights.is_dir() else ()
    names = sorted((folder.name for folder in folders if NIGHT.fullmatch(folder.name)), reverse=True)
    wanted = [name for name in names if before is None or name < before]
    wanted = [name for name in wanted if (nights / name / DATA).is_file()]
    shown = wanted[:NIGHTS_A_PAGE]
    entries = tuple(_read(nights / name / DATA, (nights / name / DATA).stat().st_mtime_ns) for name in shown)
    return entries, shown[-1] if len(wanted) > NIGHTS_A_PAGE else None


def page_of_nights(entries: Sequence[NightEntry], *, older: str | None, has_docs: bool) -> str:
    """Return the index as one HTML page; its links are relative to it."""
    words = {verdict.value: mark for verdict, mark in MARKS.items()}
    page = environment().get_template("nights.html.j2")
    return page.render(entries=entries, older=older, has_docs=has_docs, marks=words)


MARKS = {Verdict.PUBLISHED: "✓", Verdict.REFUSED: "✗", Verdict.NOT_DECIDED: "?"}


@lru_cache(maxsize=4 * NIGHTS_A_PAGE)
def _read(file: Path, _written_ns: int) -> NightEntry:
    """Read a report's figures; the time it was written is what makes a cached one stale."""
    facts: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    rules = _rows(facts, "rules")
    broken = None if rules is None else [rule for rule in rules if rule["found"]]
    coverage = _rows(facts, "coverage")
    return NightEntry(
        night=facts["night"],
        verdict=facts["verdict"],
        why=facts["why"],
        broken_rules=tuple(rule["name"] for rule in broken or ()),
        findings=_sum(broken, "found"),
        purged_rows=_sum(_rows(facts, "purged"), "rows"),
        unknown_columns=_sum(
            None if coverage is None else [each for each in coverage if each["identifiability"] == "unknown"], "columns"
        ),
        unmet=_sum(_rows(facts, "suites"), "unmet"),
        open_requests=_first(_rows(facts, "open_requests"), "in_all"),
    )


def _rows(facts: dict[str, Any], name: str) -> list[dict[str, Any]] | None:
    """Return the rows of a set of figures; None where the report says that it can't tell them."""
    figures = facts.get(name)
    if not figures or figures["missing"] is not None:
        return None
    rows: list[dict[str, Any]] = figures["rows"]
    return rows


def _sum(rows: list[dict[str, Any]] | None, column: str) -> int | None:
    return None if rows is None else sum(row[column] for row in rows)


def _first(rows: list[dict[str, Any]] | None, column: str) -> int | None:
    if rows is None:
        return None
    return int(rows[0][column]) if rows else 0
