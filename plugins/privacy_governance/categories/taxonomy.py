"""The taxonomy of one day: which category a kind belongs to, which letter a category stands for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

from privacy_governance.categories.terms import Aspect
from privacy_governance.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from privacy_governance.categories.terms import (
        Disclosure,
        NoticeCategory,
        Party,
        PiKind,
        Purpose,
        SensitiveKind,
        Source,
        StatuteCategory,
        Term,
    )


@dataclass(frozen=True, kw_only=True)
class Taxonomy:
    """What the seeds say on one day.

    Terms stand in the notice's order. `statute_categories` and `category_letters` (notice category → statute
    categories) hold every period, because a chart of 2021 speaks of the 2018 text.
    """

    on: date
    categories: tuple[NoticeCategory, ...]
    kinds: tuple[PiKind, ...]
    sensitive_kinds: tuple[SensitiveKind, ...]
    sources: tuple[Source, ...]
    purposes: tuple[Purpose, ...]
    parties: tuple[Party, ...]
    disclosures: tuple[Disclosure, ...]
    statute_categories: tuple[StatuteCategory, ...]
    category_letters: Mapping[str, tuple[StatuteCategory, ...]]

    def terms(self, aspect: Aspect) -> Mapping[str, Term]:
        """Return the terms of an aspect of the chart by name, in the notice's order."""
        return self._terms[aspect]

    def categories_of(self, kind: str, *, where: str = "tag") -> frozenset[str]:
        """Return the notice categories a kind belongs to; empty for a kind the chart leaves out.

        Raises:
            DeclarationError: the kind is unknown.

        """
        self._require_known("pi_kind", [kind], list(self.terms(Aspect.PI_KIND)), where)
        return self._categories_by_kind.get(kind, frozenset())

    def resolve(
        self,
        pi_kinds: str | Iterable[str] | None,
        ccpa_categories: str | Iterable[str] | None = None,
        *,
        where: str = "tag",
    ) -> frozenset[str]:
        """Return the notice categories of a column that holds these kinds; see `placements`.

        Raises:
            DeclarationError: says what is unknown or ambiguous, where, and what to write instead.

        """
        return frozenset(category for _, category in self.placements(pi_kinds, ccpa_categories, where=where))

    def placements(
        self,
        pi_kinds: str | Iterable[str] | None,
        ccpa_categories: str | Iterable[str] | None = None,
        *,
        where: str = "tag",
    ) -> frozenset[tuple[str, str]]:
        """Return the pairs of kind and notice category that a column holds.

        A kind of one category brings it along. A kind of several, or of none in the chart, needs its category
        named; a named category that none of the kinds belongs to is an error, not an addition.

        Args:
            pi_kinds: one kind, or several where the column holds several.
            ccpa_categories: the categories named beside them, None where none is.
            where: what the tag stands on (relation, column, file), for the error.

        Raises:
            DeclarationError: says what is unknown or ambiguous, where, and what to write instead.

        """
        kinds, named = _listed(pi_kinds), _listed(ccpa_categories)
        if not kinds:
            raise DeclarationError(
                f"{where} names no pi_kind. Name one of {', '.join(self.terms(Aspect.PI_KIND))}; "
                "or, for a column about no person, ccpa_category: none with a reason."
            )
        names = [category.name for category in self.categories]
        self._require_known("pi_kind", kinds, list(self.terms(Aspect.PI_KIND)), where)
        self._require_known("ccpa_category", named, names, where)
        found: set[tuple[str, str]] = set()
        free = any(not self.categories_of(kind) for kind in kinds)
        for kind in kinds:
            found |= {(kind, category) for category in self._chosen(kind, frozenset(named), where)}
        placed = {category for _, category in found}
        strangers = [] if free else [category for category in named if category not in placed]
        if strangers:
            raise DeclarationError(
                f'{where}: ccpa_category "{strangers[0]}" does not hold {", ".join(kinds)} in the notice. '
                f"Leave it out, or name a kind of that category: "
                f"{', '.join(self._members(strangers[0], Aspect.PI_KIND))}."
            )
        return frozenset(found)

    def sensitive_kind(self, name: str, *, where: str = "tag") -> SensitiveKind:
        """Return a sensitive kind by name.

        Raises:
            DeclarationError: no such kind on this day.

        """
        by_name = {kind.name: kind for kind in self.sensitive_kinds}
        self._require_known("sensitive_kind", [name], list(by_name), where)
        return by_name[name]

    def letters(self, category: str, *, on: date | None = None) -> frozenset[str]:
        """Return the statute letters a notice category stands for on a day (default: the taxonomy's).

        Empty before the statute was in force.

        Raises:
            DeclarationError: the category is unknown.

        """
        day = on or self.on
        self._require_known("ccpa_category", [category], [known.name for known in self.categories], "tag")
        return frozenset(s.letter for s in self.category_letters[category] if s.is_in_force(day))

    @cached_property
    def _terms(self) -> Mapping[Aspect, Mapping[str, Term]]:
        listed: tuple[tuple[Aspect, Sequence[Term]], ...] = (
            (Aspect.PI_KIND, self.kinds),
            (Aspect.SOURCE, self.sources),
            (Aspect.PURPOSE, self.purposes),
            (Aspect.PARTY, self.parties),
        )
        return {aspect: {term.name: term for term in terms} for aspect, terms in listed}

    @cached_property
    def _categories_by_kind(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for disclosure in self.disclosures:
            if disclosure.aspect is Aspect.PI_KIND:
                found.setdefault(disclosure.member, set()).add(disclosure.category)
        return {kind: frozenset(categories) for kind, categories in found.items()}

    def _members(self, category: str, aspect: Aspect) -> list[str]:
        return [d.member for d in self.disclosures if d.category == category and d.aspect is aspect]

    def _chosen(self, kind: str, named: frozenset[str], where: str) -> frozenset[str]:
        """Return the categories one kind contributes, of those it may belong to and those named."""
        possible = self.categories_of(kind)
        if len(possible) == 1:
            return possible
        chosen = named & possible if possible else named
        if chosen:
            return chosen
        if not possible:
            raise DeclarationError(
                f'{where}: the notice\'s chart leaves out pi_kind "{kind}". Name the category nearest to it '
                f"(ccpa_category: {', '.join(category.name for category in self.categories)})."
            )
        choice = " or ".join(category.name for category in self.categories if category.name in possible)
        raise DeclarationError(
            f'{where}: pi_kind "{kind}" belongs to several categories. Name the one meant: ccpa_category: {choice}.'
        )

    def _require_known(self, what: str, names: Iterable[str], known: Sequence[str], where: str) -> None:
        for name in names:
            if name not in known:
                raise DeclarationError(f'{where}: {what} "{name}" is unknown on {self.on}. {suggestion(name, known)}')


def suggestion(name: str, known: Sequence[str]) -> str:
    """Return the sentence that helps with an unknown name: the close matches, or else all that there are."""
    snake = name.strip().lower().replace("&", "and").replace("-", "_").replace(" ", "_")
    close = [snake] if snake in known else get_close_matches(snake, known, n=3, cutoff=0.6)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    return f"Use one of {', '.join(known)}."


def _listed(names: str | Iterable[str] | None) -> list[str]:
    """Return one name or several as a list; a number or date that YAML read too, to be refused by name."""
    if names is None:
        return []
    if isinstance(names, str) or not isinstance(names, Iterable):
        return [str(names)]
    return [str(name) for name in names]
