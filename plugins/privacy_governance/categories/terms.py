"""The terms of the taxonomy: what one row of each seed says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


class Aspect(StrEnum):
    """What a cell of the notice's chart is about; the chart's columns, in its order."""

    PI_KIND = "pi_kind"
    SOURCE = "source"
    PURPOSE = "purpose"
    PARTY = "party"


@dataclass(frozen=True, kw_only=True)
class Term:
    """A word of the notice: `name` is what people write, `label` what the notice prints."""

    name: str
    label: str
    position: int


@dataclass(frozen=True, kw_only=True)
class NoticeCategory(Term):
    """A row of the notice's chart."""


@dataclass(frozen=True, kw_only=True)
class PiKind(Term):
    """A kind of personal information the notice describes: what people tag columns with."""

    notice_section: str
    notice_words: str


@dataclass(frozen=True, kw_only=True)
class Source(Term):
    """Where the notice says personal information comes from."""

    notice_section: str
    description: str


@dataclass(frozen=True, kw_only=True)
class Purpose(Term):
    """What the notice says personal information is used for, with its legal bases for European users."""

    notice_section: str
    legal_basis: str
    other_legal_basis: str | None
    legal_basis_words: str


@dataclass(frozen=True, kw_only=True)
class Party(Term):
    """To whom the notice says personal information is disclosed."""

    is_for_every_category: bool
    description: str


@dataclass(frozen=True, kw_only=True)
class SensitiveKind:
    """A kind of sensitive personal information, as things stand on the taxonomy's date.

    `letter` and `statute_section` (within Cal. Civ. Code 1798.140(ae)) are None where only the notice names
    the kind; `is_not_asked_for` says that the notice asks people not to share it.
    """

    name: str
    label: str
    letter: str | None
    statute_section: str | None
    is_not_asked_for: bool
    notice_words: str | None


@dataclass(frozen=True, kw_only=True)
class StatuteCategory:
    """A category of Cal. Civ. Code 1798.140, in force from `valid_from` until the day before `valid_to`."""

    statute_section: str
    letter: str
    name: str
    description: str
    valid_from: date
    valid_to: date | None

    def is_in_force(self, on: date) -> bool:
        """Return whether the text that holds this category is in force on a day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


@dataclass(frozen=True, kw_only=True)
class Disclosure:
    """One entry of one cell of the notice's chart."""

    category: str
    aspect: Aspect
    member: str
    printed_as: str
    position: int
