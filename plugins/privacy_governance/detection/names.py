"""What a column's name says: `clientIPAddress`, `c_email_address` and `date_of_birth` in one grammar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from privacy_governance.detection.vocabulary import (
    ANYWHERE,
    COMPOUNDS,
    ENDING,
    HARMLESS,
    PARTS,
    PEOPLE,
    TAILS,
)

STRONG = 0.7
WEAK = 0.4

BOUNDARY = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_]+")
OF = re.compile(r"^(.*?)\b(\w+) of (\w+)$")
LONGEST_FIRST = sorted((part for part in PARTS if len(part) > 2), key=len, reverse=True)


@dataclass(frozen=True)
class NameMatch:
    """The kind that a name announces, and how far the name alone is to be believed (0 to 1)."""

    kind: str
    weight: float


def words(name: str) -> list[str]:
    """Split a name into lower-case singular words: camelCase, snake_case, `Kebab-Case`, glued ones."""
    found: list[str] = []
    plain = re.sub(r"(?i)ipv[46]", "Ip", name)
    for part in BOUNDARY.findall(plain):
        word = singular(part.lower())
        found += (COMPOUNDS.get(word) or unglued(word)).split()
    return [word for place, word in enumerate(found) if place == 0 or word != found[place - 1]]


def singular(word: str) -> str:
    """Return `word` without its plural ending; short words and those in -ss, -us, -is keep theirs."""
    if word.endswith("sses"):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@lru_cache(maxsize=4096)
def unglued(word: str) -> str:
    """Split `customeremailaddress` into known words; a word that isn't made of known ones stays whole."""

    def split(rest: str) -> tuple[str, ...] | None:
        if not rest:
            return ()
        for known in LONGEST_FIRST:
            if rest.startswith(known) and (tail := split(rest[len(known) :])) is not None:
                return (known, *tail)
        return None

    if not 7 <= len(word) <= 40:
        return word
    return " ".join(split(word) or (word,))


def phrase(name: str) -> str:
    """Return the name as a noun phrase whose last word is its head, without digits and neutral endings."""
    spoken = " ".join(words(name))
    if match := OF.match(spoken):
        head = "count" if match[2] in {"number", "num", "nbr", "no"} else match[2]
        spoken = f"{match[1]}{match[3]} {head}"
    parts = [word for word in spoken.split() if not word.isdigit()]
    while len(parts) > 1 and parts[-1] in TAILS:
        parts.pop()
    return " ".join(parts)


@lru_cache(maxsize=8192)
def match_name(name: str, types: str, relation: str = "") -> NameMatch | None:
    """Return what `name` announces for a column of type class `types`, or None.

    A noun's head is its last word: `email_sent_at` is a time and `ip_count` a count, so a rule has to match
    the end of the phrase. Attributes that stay telling in any form (`is_veteran`, `has_disability`) match
    anywhere. `relation` decides a bare `name`: a person's in `users`, not in `products`.
    """
    spoken = phrase(name)
    for rule in ANYWHERE:
        if types in rule.types and rule.pattern.search(spoken):
            return NameMatch(rule.kind, STRONG)
    for rule in ENDING:
        if types in rule.types and not HARMLESS.search(spoken) and rule.pattern.search(spoken):
            return NameMatch(rule.kind, WEAK if rule.is_weak else STRONG)
    if spoken == "name" and types == "text":
        about_people = PEOPLE.search(" ".join(words(relation.rsplit(".", maxsplit=1)[-1])))
        return NameMatch("person_name", STRONG if about_people else WEAK)
    return None
