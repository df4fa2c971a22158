"""The result of detection: what a column, or a path inside its JSON, seems to hold; never a value."""

from __future__ import annotations

from dataclasses import dataclass

from privacy_governance.detection.kinds import KINDS, UNDECIDED, Kind


@dataclass(frozen=True)
class Evidence:
    """How much was looked at: rows sampled, values that aren't null, values that match, and the name.

    `contains` counts, per kind, the values that hold something of it inside longer text.
    """

    sampled: int
    non_null: int
    matched: int
    by_name: bool
    contains: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Suggestion:
    """A tag for `relation.column`, and `path` inside its JSON, that a person confirms or corrects.

    `kind` is a key of `kinds.KINDS`, or `undecided`: nothing was found, which is not to say that nothing is
    there; the tag fields are then None. `confidence` ranks suggestions from 0 to 1; it is no probability.
    """

    relation: str
    column: str
    path: str
    data_type: str
    kind: str
    pi_kind: str | None
    ccpa_category: str | None
    identifiability: str | None
    sensitive_kind: str | None
    confidence: float
    evidence: Evidence

    @property
    def is_decided(self) -> bool:
        """Whether something was found."""
        return self.kind != UNDECIDED


@dataclass(frozen=True)
class Verdict:
    """What one set of values under one name turned out to be, before it is bound to a column."""

    kind: str
    confidence: float
    evidence: Evidence


def suggest(relation: str, column: str, path: str, data_type: str, verdict: Verdict) -> Suggestion:
    """Bind a verdict to its column, with the tag that its kind asks for."""
    kind: Kind | None = KINDS.get(verdict.kind)
    return Suggestion(
        relation=relation,
        column=column,
        path=path,
        data_type=data_type,
        kind=verdict.kind,
        pi_kind=kind.pi_kind if kind else None,
        ccpa_category=kind.ccpa_category if kind else None,
        identifiability=kind.identifiability if kind else None,
        sensitive_kind=kind.sensitive_kind if kind else None,
        confidence=round(verdict.confidence, 2),
        evidence=verdict.evidence,
    )
