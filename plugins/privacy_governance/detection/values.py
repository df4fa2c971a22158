"""What one value is, taken whole: checks with structure (Luhn, ISO 7064, published ranges).

Each predicate takes a stripped text and answers whether it is a value of its kind. `*_loose` ones are too
wide to stand alone and are asked only where the column's name has announced the kind.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import phonenumbers
from stdnum import iban as iban_number
from stdnum import luhn
from stdnum.us import ssn as ssn_number

if TYPE_CHECKING:
    from collections.abc import Callable

EMAIL = re.compile(r"[^\s@<>()\[\]\",;:|%]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,24}")
CARD_SHAPE = re.compile(r"\d{12,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?|\d{4}([ -])\d{6}\2\d{4,5}")
SSN_SHAPE = re.compile(r"\d{3}-\d{2}-\d{4}")
MAC = re.compile(r"[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}", re.IGNORECASE)
UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
DIGEST = re.compile(r"[0-9a-f]{32,128}|[A-Za-z0-9+/]{43}=", re.IGNORECASE)
USER_AGENT = re.compile(
    r"Mozilla/\d\.\d .*|(?:Opera|Dalvik|okhttp|curl|Wget|CFNetwork|PostmanRuntime|python-requests|axios)/\d.*"
    r"|\S+/[\d.]+ \((?:iPhone|iPad|Android|Linux|Windows|Macintosh|X11|compatible).*",
    re.DOTALL,
)
PAIR = re.compile(r"\(?\s*(-?\d{1,2}\.\d{3,})\s*[, ]\s*(-?\d{1,3}\.\d{3,})\s*\)?")
WKT_POINT = re.compile(r"(?:SRID=\d+;)?POINT ?Z? ?\(\s*-?\d{1,3}(?:\.\d+)? -?\d{1,3}(?:\.\d+)?[^)]*\)", re.IGNORECASE)
PHONE_SHAPE = re.compile(r"(?:tel:)?[+(\d][\d ().\-/]{5,22}\d(?: ?(?:x|ext\.?) ?\d{1,6})?", re.IGNORECASE)
# written as people write phone numbers: +…, (area) …, or three groups that one separator divides
PHONE_WRITTEN = re.compile(
    r"\+\d[\d ().\-/x]+|\(\d{2,4}\)[ ]?\d[\d \-.]{4,}\d(?:x\d+)?"
    r"|\d{3}([-.])\d{3}\1\d{4}(?:x\d+)?|\d{3} \d{3}[- ]\d{4}"
    r"|(?:00|0)\d[\d]{0,4}[ /-]\d[\d \-/]{4,}\d"
)
DATE_SHAPES = (
    re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?:[T ].*)?"),
    re.compile(r"(?P<m>\d{1,2})[-/.](?P<d>\d{1,2})[-/.](?P<y>\d{4})"),
    re.compile(r"(?P<d>\d{1,2})[-/.](?P<m>\d{1,2})[-/.](?P<y>\d{4})"),
    re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})"),
)
OLDEST_YEAR = 1900

# first digits of payment cards by network (ISO/IEC 7812), with their lengths: an order number that passes
# Luhn seldom also starts like a card of its own length
CARD_RANGES = (
    (("4",), (13, 16, 19)),
    (tuple(str(n) for n in range(51, 56)), (16,)),
    (tuple(str(n) for n in range(2221, 2721)), (16,)),
    (("34", "37"), (15,)),
    (("300", "301", "302", "303", "304", "305", "309", "36", "38", "39"), (14, 15, 16, 17, 18, 19)),
    (("6011", *(str(n) for n in range(644, 650)), "65"), (16, 17, 18, 19)),
    (tuple(str(n) for n in range(3528, 3590)), (16, 17, 18, 19)),
    (("1800", "2131"), (15,)),
    (("62", "81"), (16, 17, 18, 19)),
    (("0604", "5018", "5020", "5038", "5612", "5893", "6304", "6706", "6709", "6759", "6761", "6762", "6763"),
     (12, 13, 14, 15, 16, 17, 18, 19)),
    (("6771",),
     (12, 13, 14, 15, 16, 17, 18, 19)),
    (("5600", "5602", "5610", "560221", "560222", "560223", "560224", "560225"), (16, 17, 18, 19)),
    (("4903", "4905", "4911", "4936", "564182", "633110", "6333", "6334", "6767"), (16, 18, 19)),
    (("637", "638", "639"), (16,)),
    (("2200", "2201", "2202", "2203", "2204"), (16, 17, 18, 19)),
    (("60", "508"), (16,)),
)  # fmt: skip
CARD_LENGTHS = {start: frozenset(lengths) for starts, lengths in CARD_RANGES for start in starts}


def is_email(value: str) -> bool:
    """Whether it is an address as RFC 5321 has them in practice, with a dotted domain."""
    return "@" in value and EMAIL.fullmatch(value) is not None


def is_ip(value: str) -> bool:
    """Whether it is an IPv4 or IPv6 address, with or without a /prefix; `::` alone is none."""
    bare = value.split("/", 1)[0]
    if bare.count(".") != 3 and bare.count(":") < 2:
        return False
    try:
        return not ipaddress.ip_address(bare).is_unspecified
    except ValueError:
        return False


def is_card_number(value: str) -> bool:
    """Whether it is grouped as a card, starts as a network's at its length, and passes Luhn."""
    if CARD_SHAPE.fullmatch(value) is None:
        return False
    digits = re.sub(r"[ -]", "", value)
    known = any(len(digits) in CARD_LENGTHS.get(digits[:size], ()) for size in (1, 2, 3, 4, 6))
    return known and len(set(digits)) > 1 and bool(luhn.is_valid(digits))


def is_card_number_loose(value: str) -> bool:
    """Whether it is 12 to 19 digits, any grouping, also as a spreadsheet writes them (5.5E+15)."""
    digits = re.sub(r"[ -]", "", value)
    return (digits.isdigit() and 12 <= len(digits) <= 19) or re.fullmatch(r"\d\.\d+E\+1[1-8]", value) is not None


def is_ssn(value: str) -> bool:
    """Whether it is AAA-GG-SSSS and issuable: no area 000, 666 or 9xx, group 00, serial 0000."""
    return SSN_SHAPE.fullmatch(value) is not None and bool(ssn_number.is_valid(value))


def is_ssn_loose(value: str) -> bool:
    """Whether nine digits, however divided, could have been issued as a social security number."""
    digits = re.sub(r"[ .-]", "", value)
    return len(digits) == 9 and digits.isdigit() and bool(ssn_number.is_valid(digits))


def is_iban(value: str) -> bool:
    """Whether length and structure are its country's and ISO 7064 mod 97 is 1."""
    compact = value.replace(" ", "")
    return (
        15 <= len(compact) <= 34
        and compact[:2].isascii()
        and compact[:2].isalpha()
        and compact[2:4].isdigit()
        and bool(iban_number.is_valid(compact, check_country=False))
    )


def phone_digits(value: str) -> int:
    """Return the count of digits without an extension; E.164 allows 15."""
    return sum(map(str.isdigit, re.split(r"x|ext", value, maxsplit=1)[0]))


@lru_cache(maxsize=20000)
def is_phone(value: str) -> bool:
    """Whether it is written as a phone number and its country's numbering plan (or the US) has it."""
    if not 7 <= phone_digits(value) <= 15 or PHONE_WRITTEN.fullmatch(value) is None:
        return False
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(value, "US")) and not ipv4_like(value)
    except phonenumbers.NumberParseException:
        return False


def ipv4_like(value: str) -> bool:
    """Whether dots divide it into four numbers."""
    return value.count(".") == 3


def is_phone_loose(value: str) -> bool:
    """Whether it is 7 to 15 digits among the signs that people put between them."""
    return PHONE_SHAPE.fullmatch(value) is not None and 7 <= phone_digits(value) <= 15


def is_coordinate_pair(value: str) -> bool:
    """Whether it is `latitude,longitude` in degrees, three decimals or more, or a point in WKT."""
    if match := PAIR.fullmatch(value):
        return abs(float(match[1])) <= 90 and abs(float(match[2])) <= 180
    return WKT_POINT.fullmatch(value) is not None


def is_coordinate_loose(value: str) -> bool:
    """Whether it is a number of degrees or a pair of them."""
    if is_coordinate_pair(value):
        return True
    try:
        return abs(float(value)) <= 180
    except ValueError:
        return False


def is_birth_date_loose(value: str) -> bool:
    """Whether it is a date from 1900 to today, or a part of one: year, month or day."""
    part = value.removesuffix(".0")
    if part.isdigit() and len(part) <= 4:
        number = int(part)
        return 1 <= number <= 31 or OLDEST_YEAR <= number <= today().year
    return any(_is_past(match) for shape in DATE_SHAPES if (match := shape.fullmatch(value)))


def _is_past(match: re.Match[str]) -> bool:
    try:
        found = date(int(match["y"]), int(match["m"]), int(match["d"]))
    except ValueError:
        return False
    return date(OLDEST_YEAR, 1, 1) <= found <= today()


def is_mac(value: str) -> bool:
    """Whether it is a network card's address: six octets in hexadecimal."""
    return MAC.fullmatch(value) is not None


def is_user_agent(value: str) -> bool:
    """Whether it reads as a browser's or client's User-Agent (RFC 9110, 10.1.5)."""
    return USER_AGENT.fullmatch(value) is not None


@lru_cache(maxsize=1)
def today() -> date:
    """Return the machine's date, read once; a birth date lies before it."""
    return date.today()  # noqa: DTZ011 -- a day more or less changes nothing here


NAME_WORD = r"(?:[^\W\d_][^\W\d_'’.-]*(?:['’.-][^\W\d_]+)*\.?)"  # noqa: RUF001 -- the typographic apostrophe is meant
PERSON_SHAPE = re.compile(rf"{NAME_WORD}(?: {NAME_WORD}){{0,4}}")


def is_person_name_loose(value: str) -> bool:
    """Whether it is one to five words of letters, the first a capital (or in a script without capitals)."""
    return len(value) <= 80 and PERSON_SHAPE.fullmatch(value) is not None and value[0] == value[0].upper()


STREET = re.compile(
    r"(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|place|pl|square|sq|terrace|way|parkway|"
    r"pkwy|highway|hwy|circle|cir|trail|crescent|close|row|alley|plaza|mews|grove|hill|gardens|rue|allée|chemin|quai|"
    r"impasse|via|viale|corso|piazza|piazzetta|strada|contrada|calle|avenida|avda|paseo|plaza|carrera|camino|"
    r"rua|travessa|largo|praça|ul|ulica|aleja|al|os|utca|út|útja|tér|ulice|ulica|cesta|jana|náměstí|str|platz|allee|"
    r"gasse|weg|laan|plein|kade|dreef|gata|gatan|vägen|vej|gade|veien|tie|katu|polku|sokak|caddesi|ulitsa|prospekt)"
)
STREET_WORD = re.compile(
    rf"(?<!\w)(?:{STREET.pattern}\.?|[^\W\d_]{{2,}}(?:straße|strasse|weg|gasse|platz|allee|straat|laan|plein|kade|dreef|"
    r"singel|gracht|gata|gatan|vägen|väg|vej|vænget|gade|veien|vegen|gate|tie|katu|polku|kuja|"
    r"utca|stíg|stræti|braut)) ?(?!\w)",
    re.IGNORECASE,
)
BOX = re.compile(r"(?<!\w)(?:P\.? ?O\.? ?Box|Postfach|Box|PSC|Unit|Apt\.?|Suite|Flat) \d+", re.IGNORECASE)


def is_street_address(value: str) -> bool:
    """Whether it has a house number and a street word of one of twenty languages, or is a box."""
    if not 6 <= len(value) <= 200 or not any(map(str.isdigit, value)) or not any(map(str.isalpha, value)):
        return False
    if BOX.search(value):
        return True
    numbered = re.match(r"\d{1,6}[A-Za-z]?,? ", value) or re.search(
        r"[ ,]\d{1,5}[A-Za-z]?(?:[-/]\d+)?(?:,|$|\n)", value
    )
    return bool(numbered) and STREET_WORD.search(value) is not None


def is_street_address_loose(value: str) -> bool:
    """Whether it is a house number or has letters, and is no digest and no address of another kind."""
    if re.fullmatch(r"\d{1,6}(?:\.0)?", value):
        return True
    return any(map(str.isalpha, value)) and "@" not in value and DIGEST.fullmatch(value) is None and "://" not in value


REGION_SHAPE = re.compile(r"[A-Z]{2,3}|[A-Z]{2}-[A-Z0-9]{1,3}|[A-Z][^\W\d_A-Z]+(?: [^\W\d_]+){0,3}")


def is_region_loose(value: str) -> bool:
    """Whether it is a region's code or a capitalized name, not a state such as `enabled`."""
    return REGION_SHAPE.fullmatch(value) is not None


@dataclass(frozen=True)
class Proof:
    """A check that stands alone, and the share of a column's values that proves the column."""

    check: Callable[[str], bool]
    share: float


# in the order in which a value is tried: the most specific first
PROOFS = {
    "email": Proof(is_email, 0.3),
    "card_number": Proof(is_card_number, 0.4),
    "ssn": Proof(is_ssn, 0.4),
    "iban": Proof(is_iban, 0.3),
    "ip": Proof(is_ip, 0.5),
    "device_id": Proof(is_mac, 0.5),
    "user_agent": Proof(is_user_agent, 0.4),
    "coordinates": Proof(is_coordinate_pair, 0.5),
    "phone": Proof(is_phone, 0.4),
    "street_address": Proof(is_street_address, 0.3),
}

LOOSE: dict[str, Callable[[str], bool]] = {
    "card_number": is_card_number_loose,
    "ssn": is_ssn_loose,
    "phone": is_phone_loose,
    "coordinates": is_coordinate_loose,
    "birth_date": is_birth_date_loose,
    "person_name": is_person_name_loose,
    "street_address": is_street_address_loose,
    "region": is_region_loose,
}


def proven(value: str) -> str | None:
    """Return the kind that this value is by itself, or None; the most specific check comes first."""
    for kind, proof in PROOFS.items():
        if proof.check(value):
            return kind
    return None
