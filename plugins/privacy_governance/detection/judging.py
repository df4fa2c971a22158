"""Weigh a name against values: what a column is, from its name, its type class and a sample."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from privacy_governance.detection.kinds import KINDS, UNDECIDED
from privacy_governance.detection.names import WEAK, NameMatch, match_name
from privacy_governance.detection.suggestion import Evidence, Verdict
from privacy_governance.detection.text import find_spans
from privacy_governance.detection.values import DIGEST, LOOSE, PROOFS, UUID, is_ip, proven

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

READABLE = frozenset({"text", "number", "uuid", "inet", "json", "other"})
# a value that is plainly a count, a price, a flag or a time, whatever the column is called
PLAIN = re.compile(
    r"-?\d{1,5}|-?\d+[.,]\d{1,4}|true|false|t|f|yes|no|y|n|\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*", re.IGNORECASE
)
# kinds that a plain value can't be; of the others (age, salary, a flag of health) the name alone decides
NEVER_PLAIN = frozenset({"email", "ip", "user_agent", "iban", "username", "device_id", "person_name", "credential"})
NUMBER = re.compile(r"[-+]?[\d.,]+")
SHORTEST = 6  # characters: a@b.co, ::ffff
WORDY = re.compile(r"\S+(?:\s+\S+){4,}")
# few enough false findings that a single one among short values is worth a person's look
CERTAIN = frozenset({"email", "iban", "card_number", "ssn"})


@dataclass(frozen=True)
class Reading:
    """A column's sample, each distinct value read once: what values are, and what they hold inside."""

    sampled: int
    types: str
    announced: NameMatch | None
    counts: Counter[str]

    @cached_property
    def total(self) -> int:
        """Values that aren't null or blank."""
        return self.counts.total()

    @cached_property
    def whole(self) -> Counter[str]:
        """Per kind, the values that are of it and nothing else."""
        return self._tally[0]

    @cached_property
    def inside(self) -> Counter[str]:
        """Per kind, the values that hold something of it among other text."""
        return self._tally[1]

    @cached_property
    def _tally(self) -> tuple[Counter[str], Counter[str]]:
        whole: Counter[str] = Counter()
        inside: Counter[str] = Counter()
        long_enough = ((v, n) for v, n in self.counts.items() if len(v) >= SHORTEST)
        for value, times in long_enough if self.types in READABLE else ():
            if kind := proven(value):
                whole[kind] += times
            elif NUMBER.fullmatch(value) is None:
                for found in {span.kind for span in find_spans(value)}:
                    inside[found] += times
        return whole, inside

    def share(self, holds: Callable[[str], object]) -> float:
        """Return the share of values, repeats counted, for which `holds` is true; 0 without values."""
        return sum(times for value, times in self.counts.items() if holds(value)) / max(1, self.total)


def judge(name: str, types: str, values: Iterable[str], *, sampled: int, relation: str = "") -> Verdict:
    """Return the most credible kind for one column.

    Values prove a kind by themselves where it has structure; a name announces one, and its values confirm it,
    leave it open (a digest, nothing sampled) or refute it (`email` full of yes and no). Values that prove a
    kind outweigh any name: the harmless `id` that holds social security numbers. Nothing found is
    `undecided`, never "not personal".

    Args:
        name: the column's, or the last JSON keys'.
        types: class of its type: text, number, boolean, date, timestamp, uuid, inet, json, binary, other.
        values: the sample's non-null values as text, in memory only.
        sampled: rows in the sample, nulls included.
        relation: where the column stands; tells a person's `name` from a product's.

    """
    counts = Counter(value for text in values if (value := text.strip()))
    reading = Reading(sampled, types, match_name(name, types, relation), counts)
    verdicts = [*from_values(reading), *from_name(reading), *from_text(reading)]
    nothing = Verdict(UNDECIDED, 0.0, Evidence(sampled, reading.total, 0, by_name=False))
    return max(verdicts, key=lambda verdict: verdict.confidence, default=nothing)


def from_values(reading: Reading) -> Iterator[Verdict]:
    """Yield kinds that enough values prove alone; the name adds to the confidence where it agrees."""
    for kind, matched in reading.whole.items():
        agrees = reading.announced is not None and reading.announced.kind == kind
        rate = matched / reading.total
        if rate < PROOFS[kind].share or (kind == "ip" and not agrees and looks_like_versions(reading)):
            continue
        rarity = min(1.0, matched / 5)  # one match of one value proves less than a hundred
        confidence = 0.55 + 0.3 * rate * rarity + (0.14 if agrees else 0.0)
        yield Verdict(kind, confidence, Evidence(reading.sampled, reading.total, matched, by_name=agrees))


def looks_like_versions(reading: Reading) -> bool:
    """Whether dotted quads are rather versions, such as 1.4.0.12.

    Of addresses spread over the whole space, 98 in 100 have an octet of 100 or more.
    """
    quads = [value for value in reading.counts if value.count(".") == 3 and is_ip(value)]
    high = sum(any(int(octet) >= 100 for octet in quad.split("/")[0].split(".")) for quad in quads)
    return reading.types != "inet" and bool(quads) and high < len(quads) / 2


def from_name(reading: Reading) -> Iterator[Verdict]:
    """Yield the kind that the name announces, unless the values refute it."""
    announced = reading.announced
    if announced is None:
        return
    kind = announced.kind
    check = LOOSE.get(kind) or (PROOFS[kind].check if kind in PROOFS else None)
    plain = reading.share(PLAIN.fullmatch) > 0.9
    if kind in NEVER_PLAIN and plain:
        return
    if reading.total == 0 or check is None or reading.types not in READABLE:
        yield Verdict(kind, announced.weight, Evidence(reading.sampled, reading.total, 0, by_name=True))
        return
    rate = reading.share(check)
    evidence = Evidence(reading.sampled, reading.total, round(rate * reading.total), by_name=True)
    proven_otherwise = max((times for other, times in reading.whole.items() if other != kind), default=0)
    coded = reading.share(lambda value: DIGEST.fullmatch(value) or UUID.fullmatch(value)) > 0.5
    if (rate < 0.2 and plain) or proven_otherwise / reading.total > 0.8:
        return
    if announced.weight <= WEAK and rate < 0.5 and not coded:
        return
    yield Verdict(kind, announced.weight + (0.25 * rate if rate >= 0.2 else -0.2), evidence)


def from_text(reading: Reading) -> Iterator[Verdict]:
    """Yield free text where values hold something personal, however rare: one message in a thousand counts.

    Among short values only kinds with a check of their own count singly: a street word is too common.
    """
    scattered = {k: n for k, n in reading.whole.items() if n / reading.total < PROOFS[k].share}
    if reading.share(NUMBER.fullmatch) > 0.5:
        scattered.pop("card_number", None)  # one in ten numbers of a card's length passes Luhn by chance
    found = reading.inside + Counter(scattered)
    wordy = reading.share(WORDY.search) >= 0.2
    solid = {k: n for k, n in found.items() if wordy or k in CERTAIN or n / reading.total >= 0.1}
    if not solid:
        return
    announced = reading.announced
    hits = min(reading.total, sum(solid.values()))
    confidence = min(0.9, 0.5 + 0.4 * min(1.0, hits / max(10, 0.2 * reading.total)))
    if announced and announced.weight > WEAK and KINDS[announced.kind].identifiability == "direct":
        confidence = min(confidence, 0.45)  # the name's own kind asks for as strict a tag, and says more
    by_name = announced is not None and announced.kind == "free_text"
    evidence = Evidence(reading.sampled, reading.total, hits, by_name, contains=tuple(sorted(solid.items())))
    yield Verdict("free_text", confidence, evidence)
