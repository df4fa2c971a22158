"""Personal spans inside free text: where they stand and of which kind, for counting."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

from privacy_governance.detection.values import (
    EMAIL,
    is_birth_date_loose,
    is_card_number,
    is_iban,
    is_ip,
    is_phone,
    is_phone_loose,
    is_ssn,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` of a text hold something of `kind`; they themselves aren't kept."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Finder:
    """A pattern whose last group (or whole match) is a span of `kind`, if `check` agrees."""

    kind: str
    pattern: re.Pattern[str]
    check: Callable[[str], bool] | None = None


APOSTROPHE = "'\u2019"
CAPITALIZED = rf"[^\W\d_a-zß-öø-ÿ][^\W\d_]*(?:[{APOSTROPHE}-][^\W\d_]+)*"
FULL_NAME = rf"{CAPITALIZED}(?: [A-Z](?:\.|(?!\w)))?(?: {CAPITALIZED}){{0,2}}"

NUMBER = r"[+(]?\d[\d ().\-/]{4,18}\d(?: ?x ?\d{1,6})?"
PHONE_BEFORE = r"phone|call(?: me| us)?|mobile|cell|tel|fax|desk|office|whatsapp|text(?: me)?|contact|reach(?: me)?"
PHONE_AFTER = r"office|fax|mobile|home|cell|work|desk"

STREETS_AFTER = r"""
    Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Terrace|Parkway|
    Highway|Circle|Trail|Crescent|Square|Way"""
STREETS_BEFORE = r"""
    Rue|Avenue|Via|Viale|Corso|Piazza|Piazzetta|Strada|Contrada|Calle|Avenida|Paseo|Rua|Travessa|
    ul\.|Quai|Largo|Praça|Chemin|Impasse"""
STREETS_JOINED = r"""
    straße|strasse|weg|gasse|platz|allee|straat|laan|plein|kade|dreef|gracht|gata|gatan|vägen|vej|
    vænget|gade|veien|vegen|tie|katu|polku|kuja|utca"""
STREETS_APART = r"tér|utca|út|u\.|krt\.|sokak|caddesi|cad\.|str\.?|weg|katu"
HOUSE = r"(?<!\w)(?:\d{1,6},? )?"
WORD = r"[^\W\d_][\w'.]*"
UNIT = r"(?:,?\s+(?:Apt\.?|Suite|Unit|Flat|Box)\s\d+)"


def spaced(pattern: str) -> str:
    """Return a list of alternatives without the line breaks it was written with."""
    return re.sub(r"\s+", "", pattern)


# the more specific first: a stretch belongs to the first finder that takes it
FINDERS = (
    Finder("email", re.compile(rf"(?<![\w.+%-]){EMAIL.pattern}")),
    Finder(
        "iban",
        re.compile(r"(?<!\w)[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?(?!\w)"),
        is_iban,
    ),
    Finder(
        "card_number",
        re.compile(r"(?<![\w.-])(?:(?:\d{4}[ -]){3}\d{1,7}|\d{4}[ -]\d{6}[ -]\d{4,5}|\d{12,19})(?!\w)"),
        is_card_number,
    ),
    Finder("ssn", re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"), is_ssn),
    Finder(
        "ip",
        re.compile(
            r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w-])(?!\.\d)"
            r"|(?<![\w:])(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{1,4}(?![\w:])"
        ),
        is_ip,
    ),
    Finder(
        "birth_date",
        re.compile(
            r"(?:born(?: on)?|birth(?:day|date)?|dob|d\.o\.b\.?)\b[^\d\n]{0,24}"
            r"(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4})",
            re.IGNORECASE,
        ),
        is_birth_date_loose,
    ),
    # announced as a phone number, or labelled as one: in whatever form its country writes it
    Finder(
        "phone",
        re.compile(rf"\b(?:{PHONE_BEFORE})\b[^\d+(@]{{0,20}}({NUMBER})(?!\w)", re.IGNORECASE),
        is_phone_loose,
    ),
    Finder(
        "phone",
        re.compile(rf"(?<![\w.+/-])({NUMBER})(?=[ -]{{0,3}}(?:{PHONE_AFTER})\b)", re.IGNORECASE),
        is_phone_loose,
    ),
    Finder("phone", re.compile(rf"(?<![\w.+/-])({NUMBER})(?!\w)"), is_phone),
    Finder(
        "street_address",
        re.compile(rf"{HOUSE}(?:{spaced(STREETS_BEFORE)}) {WORD}(?: {WORD}){{0,4}},? \d{{1,5}}[a-z]?{UNIT}*"),
    ),
    Finder(
        "street_address",
        re.compile(rf"{HOUSE}[^\W\d_]{{2,}}(?:{spaced(STREETS_JOINED)}) \d{{1,5}}[a-z]?(?!\w){UNIT}*"),
    ),
    Finder(
        "street_address",
        re.compile(rf"{HOUSE}(?:{CAPITALIZED} ){{1,4}}(?:{STREETS_APART}) \d{{1,5}}[a-z]?(?!\w){UNIT}*"),
    ),
    Finder(
        "street_address",
        re.compile(rf"(?<!\w)\d{{1,6}} (?:{CAPITALIZED} ){{1,4}}(?:{spaced(STREETS_AFTER)})(?!\w)(?: \d+)?{UNIT}*"),
    ),
    Finder(
        "street_address",
        re.compile(rf"(?<!\w)\d{{1,6}} (?:[^\W\d_][\w'.-]* ){{1,4}}\d{{1,5}}{UNIT}+", re.IGNORECASE),
    ),
    Finder(  # military mail: a box at an army, fleet or diplomatic post office
        "street_address",
        re.compile(r"(?<!\w)(?:PSC|Unit|USNS) ?\d*,? ?(?:Box \d+)?\s+(?:APO|DPO|FPO) [A-Z]{2} \d{5}", re.IGNORECASE),
    ),
    Finder("street_address", re.compile(r"(?<!\w)(?:P\.? ?O\.? ?Box|Postfach|Apartado) \d+", re.IGNORECASE)),
    Finder(
        "person_name",
        re.compile(rf"(?<!\w)(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Madam|Herr|Frau|Mme|Señora?)\.? ({FULL_NAME})"),
    ),
    Finder(
        "person_name",
        re.compile(
            r"(?:[Mm]y name is|[Nn]ame:|I am called|[Dd]ear|[Rr]egards,|[Ss]incerely,|[Ss]igned by|Attn:?)"
            rf"\s({FULL_NAME})"
        ),
    ),
)

MAY_HOLD = re.compile(
    r"\d|@|(?:Mrs?|Ms|Miss|Dr|Prof|Sir|Madam|Herr|Frau|Mme|Señora?)\b|[Nn]ame|called|[Dd]ear|egards|incerely|igned|Attn"
)


def find_spans(text: str) -> list[Span]:
    """Return the personal spans of `text`, in order, none overlapping another.

    Names are found where the text announces them (an honorific, "my name is"), not in general: no rule can,
    and a column of free text is personal whether or not one is found. An address in a URL's query is found
    through its escape (`?email=a%40b.example`); positions are then those of the unescaped text.
    """
    if MAY_HOLD.search(text) is None:
        return []
    taken: list[Span] = []
    for found in _candidates(unquote(text) if "%40" in text else text):
        if all(found.end <= other.start or found.start >= other.end for other in taken):
            taken.append(found)
    return sorted(taken, key=lambda span: span.start)


def _candidates(text: str) -> Iterator[Span]:
    for finder in FINDERS:
        for match in finder.pattern.finditer(text):
            group = match.lastindex or 0
            if finder.check is None or finder.check(match[group].strip()):
                yield Span(finder.kind, match.start(group), match.end(group))
