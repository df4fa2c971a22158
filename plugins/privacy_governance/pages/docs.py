"""Data Docs as pages that need no network: what was expected of each table in each night, and whether it held.

Great Expectations decides which pages there are (`validation.docs`); here they get their form.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import TYPE_CHECKING

from privacy_governance.pages.rendering import environment

if TYPE_CHECKING:
    from collections.abc import Iterable


class Standing(Enum):
    """What became of an expectation, or of a suite by its worst one; the worst first."""

    UNMET = "did not hold"
    WARNED = "only warns"
    HELD = "held"

    @property
    def rank(self) -> int:
        """Place in an order with the worst first."""
        return tuple(Standing).index(self)


@dataclass(frozen=True)
class Check:
    """One expectation on a table or a column of it, in words, and what became of it.

    `observed` is a count, or names and types of columns; `given` holds the arguments that the words leave out.
    """

    column: str | None
    sentence: str
    given: tuple[tuple[str, str], ...]
    standing: Standing
    observed: str | None


@dataclass(frozen=True)
class SuiteRun:
    """A suite's run in a night; `href` is its page's address relative to the index."""

    night: str
    suite: str
    relation: str
    standing: Standing
    href: str

    @property
    def reader(self) -> str:
        """Whom the suite is for: the folder it stands in."""
        return self.suite.partition(".")[0]


def index_of_runs(runs: Iterable[SuiteRun]) -> str:
    """Return the index as HTML: nights, the newest first, and in each what did not hold first, then warnings."""
    ordered = sorted(runs, key=lambda run: (run.standing.rank, run.reader, run.relation))
    ordered.sort(key=lambda run: run.night, reverse=True)
    nights = [(night, list(group)) for night, group in groupby(ordered, key=lambda run: run.night)]
    return environment().get_template("docs_index.html.j2").render(nights=nights)


def page_of_run(run: SuiteRun, checks: Iterable[Check]) -> str:
    """Return the page of one suite's run as HTML: what did not hold first, then warnings; columns in their order."""
    ordered = sorted(checks, key=lambda check: (check.standing.rank, check.column is not None))
    index = "../" * run.href.count("/") + "index.html"
    return environment().get_template("docs_run.html.j2").render(run=run, checks=ordered, index=index)
