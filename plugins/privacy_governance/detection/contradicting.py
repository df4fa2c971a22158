"""Declared tags that the values contradict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from privacy_governance.detection.suggestion import Evidence, Suggestion

RANK = {"none": 0, "aggregate": 1, "pseudonymous": 2, "quasi": 3, "direct": 4}
CREDIBLE = 0.5
EXCEPTION = "record an exception in governance_exceptions.csv."


class DeclaredTag(Protocol):
    """What a person declared of a column: PI kinds (none for "not personal") and identifiability."""

    @property
    def pi_kinds(self) -> Collection[str]:
        """PI kinds of the notice; empty, or `none`, where the column is declared not personal."""

    @property
    def identifiability(self) -> str:
        """One of direct, quasi, pseudonymous, aggregate, none."""


@dataclass(frozen=True)
class Contradiction:
    """A declared tag and the finding that speaks against it, in a sentence that says the fix."""

    relation: str
    column: str
    path: str
    declared: str
    kind: str
    confidence: float
    evidence: Evidence
    message: str


def contradictions(
    suggestions: Iterable[Suggestion], declared: Mapping[tuple[str, str], DeclaredTag]
) -> list[Contradiction]:
    """Return the declared tags, by (relation, column), that sampled values contradict.

    Only findings in values speak against a person's declaration, a name alone never does. A declaration of
    `none` is contradicted by any such finding; a declared identifiability by values that identify more;
    declared PI kinds by values whose kind is of another one (a card number under contact information), except
    inside free text and JSON.
    """
    return [
        found
        for suggestion in suggestions
        if (tag := declared.get((suggestion.relation, suggestion.column))) is not None
        if speaks(suggestion) and (found := compare(suggestion, tag)) is not None
    ]


def speaks(suggestion: Suggestion) -> bool:
    """Whether values, not the name alone, carry this finding."""
    return suggestion.is_decided and suggestion.evidence.matched > 0 and suggestion.confidence >= CREDIBLE


def compare(suggestion: Suggestion, tag: DeclaredTag) -> Contradiction | None:
    """Return what speaks against `tag`, or None."""
    kinds = {kind for kind in tag.pi_kinds if kind != "none"}
    evidence = suggestion.evidence
    place = f"{suggestion.relation}.{suggestion.column}{f' at {suggestion.path}' if suggestion.path else ''}"
    kind = suggestion.kind.replace("_", " ")
    seen = f"{evidence.matched} of {evidence.non_null} sampled values look like {kind}"
    if not kinds or RANK.get(tag.identifiability, 0) < RANK[suggestion.identifiability or "none"]:
        what = f"identifiability {tag.identifiability}"
        fix = f"Declare identifiability: {suggestion.identifiability}, or {EXCEPTION}"
    elif suggestion.pi_kind not in kinds and suggestion.kind != "free_text" and not suggestion.path:
        what = f"pi_kind {', '.join(sorted(kinds))}"
        fix = f"Add pi_kind: {suggestion.pi_kind}, or {EXCEPTION}"
    else:
        return None
    return Contradiction(
        relation=suggestion.relation,
        column=suggestion.column,
        path=suggestion.path,
        declared=what,
        kind=suggestion.kind,
        confidence=suggestion.confidence,
        evidence=evidence,
        message=f"{place} is declared {what}, but {seen}. {fix}",
    )
