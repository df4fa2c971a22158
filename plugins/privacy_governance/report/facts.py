"""What the report says about one night: numbers and names, each set with the query that made it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from privacy_governance.report.changes import Changes
    from privacy_governance.report.purging import Chain, CopyHead, Planned, Purge, PurgeReason
    from privacy_governance.report.requests import Late, Metric, OnHold, UsedException, Waiting
    from privacy_governance.report.risk import ClassSizes, Measured, NearResearch
    from privacy_governance.report.schedule import CategoryPeriod, RetentionRule
    from privacy_governance.report.trend import NightMeasures

Row = TypeVar("Row")


class Verdict(StrEnum):
    """What became of the night's candidate."""

    PUBLISHED = "published"
    REFUSED = "refused"
    NOT_DECIDED = "not decided"


@dataclass(frozen=True)
class Figures(Generic[Row]):
    """Rows and the SQL that made them; `missing` says why none can be told as this night's."""

    rows: tuple[Row, ...]
    sql: str
    missing: str | None = None


@dataclass(frozen=True)
class Recorded:
    """A row of `governance.nights`, and the night that was decided last of all."""

    state: str
    violations: int | None
    candidate_digest: str | None
    decided_at: datetime
    decided_last: date


@dataclass(frozen=True)
class Step:
    """What one step of the night's latest run said; `has_stopped` where it did not complete."""

    name: str
    message: str
    at: datetime
    has_stopped: bool


@dataclass(frozen=True)
class Finding:
    """One row of a violation model: where, how many, and what to do about it."""

    relation: str | None
    column: str | None
    offenders: int
    finding: str


@dataclass(frozen=True)
class Rule:
    """A rule with its findings: how many in all, the offenders they name, and the first of them."""

    name: str
    what: str | None
    why: str | None
    remedy: str | None
    found: int
    offenders: int
    first: tuple[Finding, ...]
    sql: str


@dataclass(frozen=True)
class RequestState:
    """How many requests stand in a state."""

    state: str
    requests: int


@dataclass(frozen=True)
class OpenRequest:
    """A request still to be answered; `days_left` counts from the night to `due_on`."""

    request_id: str
    regulation_type: str
    state: str
    received_on: date
    confirm_by: date
    due_on: date
    days_left: int
    in_all: int


@dataclass(frozen=True)
class Refusal:
    """Why requests were refused, and how many for that reason."""

    reason: str
    requests: int


@dataclass(frozen=True)
class Coverage:
    """How many columns of a schema bear tags of one identifiability."""

    schema: str
    identifiability: str
    columns: int


@dataclass(frozen=True)
class UnknownColumn:
    """A column whose tag is unknown, why, and how many such columns there are."""

    relation: str
    column: str
    reason: str | None
    in_all: int


@dataclass(frozen=True)
class ColumnTag:
    """A column's tag and the path that explains it."""

    relation: str
    column: str
    categories: tuple[str, ...]
    identifiability: str
    path: tuple[str, ...]
    reason: str | None


@dataclass(frozen=True)
class TaggedColumn:
    """Any column of any relation with its tag in one line: kept so that the next night can say what changed."""

    column: str
    tag: str


@dataclass(frozen=True)
class Release:
    """A release as it was published; rows now and rows purged since only for the one that stands."""

    release_id: int
    night: date
    relations: tuple[str, ...]
    rows: int
    digest: str
    published_at: datetime


@dataclass(frozen=True)
class Standing:
    """A table that analysts read now: its rows, and those that receipts say were purged since published."""

    relation: str
    rows: int
    purged_since: int


@dataclass(frozen=True)
class Suite:
    """How many expectations of a suite held, did not and block publishing, and did not and only warn."""

    suite: str
    met: int
    unmet: int
    warned: int


@dataclass(frozen=True)
class Unmet:
    """An expectation that did not hold; one of severity `warning` blocks nothing."""

    suite: str
    expectation: str
    relation: str
    column: str | None
    observed: str | None
    severity: str


@dataclass(frozen=True)
class Tolerated:
    """An exception: who tolerates what until when; `days_left` is negative once it has expired."""

    rule: str
    relation: str
    column: str | None
    reason: str
    approver: str
    approved_on: date
    expires_on: date
    days_left: int


@dataclass(frozen=True)
class ChartCell:
    """One cell of the notice's chart, as published and as the sources YAML declares the warehouse."""

    category: str
    heading: str
    published: str
    warehouse: str
    agrees: bool


@dataclass(frozen=True)
class NightFacts:
    """Everything the report says about one night."""

    night: date
    gathered_at: datetime
    verdict: Verdict
    why: str
    caveats: tuple[str, ...]
    recorded: Figures[Recorded]
    steps: tuple[Step, ...]
    purged: Figures[PurgeReason]
    purges: Figures[Purge]
    chain: Figures[Chain]
    rules: Figures[Rule]
    request_states: Figures[RequestState]
    open_requests: Figures[OpenRequest]
    refusals: Figures[Refusal]
    categories: Figures[CategoryPeriod]
    retention: Figures[RetentionRule]
    coverage: Figures[Coverage]
    unknown: Figures[UnknownColumn]
    released_columns: Figures[ColumnTag]
    releases: Figures[Release]
    standing: Figures[Standing]
    suites: Figures[Suite]
    unmet: Figures[Unmet]
    exceptions: Figures[Tolerated]
    chart: Figures[ChartCell]
    chart_differences: tuple[str, ...]
    general_parties: tuple[str, ...]
    plans: Figures[Planned]
    copy: Figures[CopyHead]
    reviews: Figures[Waiting]
    on_hold: Figures[OnHold]
    used_exceptions: Figures[UsedException]
    late: Figures[Late]
    metrics: Figures[Metric]
    measures: Figures[Measured]
    class_sizes: Figures[ClassSizes]
    near_research: Figures[NearResearch]
    tags: Figures[TaggedColumn]
    trend: Figures[NightMeasures]
    changes: Changes

    @property
    def purged_rows(self) -> int:
        """Rows purged this night."""
        return sum(each.rows for each in self.purged.rows)

    @property
    def purged_subjects(self) -> int:
        """Tombstoned subjects whose rows were purged this night."""
        return sum(each.subjects for each in self.purged.rows)

    @property
    def has_purged(self) -> bool:
        """Whether the purge is known to have come to its end: its step said so, or the night was decided after it."""
        return bool(self.recorded.rows) or any(step.name == "purge" and not step.has_stopped for step in self.steps)

    @property
    def tagged_columns(self) -> int | None:
        """Columns with a tag, known or unknown; None where the tags can't be told as this night's."""
        return self._columns(lambda _: True)

    @property
    def personal_columns(self) -> int | None:
        """Columns tagged as personal."""
        return self._columns(lambda word: word not in {"none", "unknown"})

    @property
    def unknown_columns(self) -> int | None:
        """Columns whose tag is unknown."""
        return self._columns(lambda word: word == "unknown")

    @property
    def violations(self) -> tuple[Rule, ...]:
        """Rules with findings."""
        return tuple(rule for rule in self.rules.rows if rule.found)

    @property
    def release(self) -> Release | None:
        """The release that analysts read now, of this night or an earlier one."""
        return self.releases.rows[0] if self.releases.rows else None

    @property
    def overdue_requests(self) -> int:
        """Open requests past their last day, among those listed (soonest first)."""
        return sum(1 for request in self.open_requests.rows if request.days_left < 0)

    def _columns(self, wanted: Callable[[str], bool]) -> int | None:
        if self.coverage.missing is not None:
            return None
        return sum(each.columns for each in self.coverage.rows if wanted(each.identifiability))
