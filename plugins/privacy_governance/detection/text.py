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
    """Characters `start` to `end` of a text hold something of `kind`; the characters themselves aren't kept."""

    kind: str
    start: int
    end: int


DATE = r"(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4})"
CAPITALIZED = r"[^\W\d_a-zß-öø-ÿ][^\W\d_]*(?:['’-][^\W\d_]+)*"  # noqa: RUF001 -- the typographic apostrophe is meant
FULL_NAME = rf"{CAPITALIZED}(?: [A-Z]\.?)?(?: {CAPITALIZED}){{0,2}}"
STREET_PART = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Terrace|Parkway|Highway|Circle|"
    r"Trail|Crescent|Square|Way)\b\.?"
)
PREFIX_STREET = r"(?:Rue|Avenue|Via|Viale|Corso|Piazza|Piazzetta|Strada|Contrada|Calle|Avenida|Paseo|Rua|Travessa|ul\.|Quai)"
JOINED_STREET = (
    r"[^\W\d_]{2,}(?:straße|strasse|weg|gasse|platz|allee|straat|laan|plein|kade|dreef|gracht|gata|gatan|vägen|vej|vænget|"
    r"gade|veien|vegen|tie|katu|polku|kuja|utca)"
)
UNIT = r"(?:,?\s+(?:Apt\.?|Suite|Unit|Flat|Box) \d+)*"

PATTERNS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool] | None], ...] = (
    ("email", re.compile(rf"(?<![\w.+%-]){EMAIL.pattern}"), None),
    ("iban", re.compile(r"(?<!\w)[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?(?!\w)"), is_iban),
    ("card_number", re.compile(r"(?<![\w.-])(?:\d{4}[ -]){3}\d{1,7}(?!\w)|(?<![\w.-])\d{12,19}(?!\w)"), is_card_number),
    ("ssn", re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])"), is_ssn),
    ("ip", re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)|(?<![\w:])(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{1,4}(?![\w:])"), is_ip),
    ("birth_date", re.compile(rf"(?:born(?: on)?|birth(?:day|date)?|dob|d\.o\.b\.?)\b[^\d\n]{{0,24}}({DATE})", re.IGNORECASE),
     is_birth_date_loose),
    # a number introduced as one, in whatever form a country writes it
    ("phone", re.compile(
        r"(?:phone|call(?: me)?|mobile|cell|tel|fax|desk|office|whatsapp|text(?: me)?|contact|reach(?: me)?|registered|"
        r"answering|messages|number)\b[^\d+(@\n]{0,25}([+(]?\d[\d ().\-/]{4,18}\d(?: ?x ?\d{1,6})?)(?!\w)", re.IGNORECASE),
     is_phone_loose),
    ("phone", re.compile(r"(?<![\w.+/-])(\+?\(?\d[\d ().\-/]{5,18}\d(?:x\d{1,6})?)(?=-?(?:Office|Fax|Mobile)|[^\w-]|$)"), is_phone),
    ("street_address", re.compile(
        rf"(?<!\w)(?:\d{{1,6}},? )?(?:{PREFIX_STREET} (?:[^\W\d_][\w'.]* ?){{1,5}},? ?\d{{1,5}}[a-z]?|{JOINED_STREET} \d{{1,5}}[a-z]?"
        rf"|(?:\d{{1,6}} )(?:{CAPITALIZED} ){{1,4}}{STREET_PART}(?: \d+)?){UNIT}"), None),
    ("street_address", re.compile(r"(?<!\w)(?:PSC|Unit|USNS|P\.? ?O\.? Box) ?\d*,? ?(?:Box \d+)?\s+(?:APO|DPO|FPO) [A-Z]{2} \d{5}"), None),
    ("street_address", re.compile(rf"(?<!\w)\d{{1,6}} (?:[^\W\d_][\w'.-]* ){{1,4}}\d{{1,5}},? (?:Apt\.?|Suite) \d+{UNIT}"), None),
    ("person_name", re.compile(
        rf"(?<!\w)(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Madam|Herr|Frau|Mme|Señora?)\.? ({FULL_NAME})"), None),
    ("person_name", re.compile(
        rf"(?:[Mm]y name is|[Nn]ame:|I am called|[Dd]ear|[Rr]egards,|[Ss]incerely,|signed by|Attn:?|it to) ({FULL_NAME})"), None),
)  # fmt: skip

MAY_HOLD = re.compile(
    r"\d|@|(?:Mrs?|Ms|Miss|Dr|Prof|Herr|Frau)\b|[Nn]ame|[Dd]ear|egards|incerely|signed|Attn|it to"
)


def find_spans(text: str) -> list[Span]:
    """Return the personal spans of `text`, in order, none overlapping another; the more specific kind has a stretch first.

    An address in a URL's query (`?email=a%40b.example`) is found through its escape. Linear in the text's
    length.
    """
    if MAY_HOLD.search(text) is None:
        return []
    taken: list[Span] = []
    if "%40" in text:
        text = unquote(text)
    for found in _candidates(text):
        if all(found.end <= other.start or found.start >= other.end for other in taken):
            taken.append(found)
    return sorted(taken, key=lambda span: span.start)


def _candidates(text: str) -> Iterator[Span]:
    for kind, pattern, check in PATTERNS:
        for match in pattern.finditer(text):
            group = match.lastindex or 0
            if check is None or check(match[group].strip()):
                yield Span(kind, match.start(group), match.end(group))
