"""What changed since the night before: this night's facts beside the report.json of the newest earlier night."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from privacy_governance.report.facts import NightFacts

CLOSED = ("carried out", "refused")
NO_TAG = "no such column"


@dataclass(frozen=True)
class Change:
    """A figure then and now; None where it could not be told."""

    what: str
    before: int | None
    now: int | None

    @property
    def difference(self) -> int | None:
        """By how much it grew."""
        return None if self.before is None or self.now is None else self.now - self.before


@dataclass(frozen=True)
class TagChange:
    """A column whose tag is another one now, or that came or went."""

    column: str
    before: str
    now: str


@dataclass(frozen=True)
class Changes:
    """Differences to the night `since`; `missing` says why there are none to show at all."""

    since: date | None
    missing: str | None
    verdict_before: str | None = None
    figures: tuple[Change, ...] = ()
    rules: tuple[Change, ...] = ()
    rules_missing: str | None = None
    tags: tuple[TagChange, ...] = ()
    tags_missing: str | None = None


def since_last_night(facts: NightFacts, nights: Path) -> Changes:
    """Compare with the newest earlier night that has a report.json; says so where none has, or it can't be read."""
    earlier = sorted(
        (file.parent.name for file in nights.glob("*/report.json") if _is_before(file.parent.name, facts.night)),
        reverse=True,
    )
    if not earlier:
        return Changes(None, f"no earlier night has a report.json in {nights.name}. Is this the first?")
    since = date.fromisoformat(earlier[0])
    try:
        before = json.loads((nights / earlier[0] / "report.json").read_text(encoding="utf-8"))
        return compare(before, facts, since)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Changes(
            since, f"the report.json of night {since} can't be read. Write it anew: govern report --date {since}."
        )


def compare(before: Mapping[str, Any], facts: NightFacts, since: date) -> Changes:
    """Compare an earlier report's data with this night's facts.

    Raises:
        KeyError, TypeError, ValueError: the data are not those of a report.

    """
    rules_missing = _untold("rules", before, facts)
    tags_missing = _untold("tags", before, facts)
    states_before, states_now = _states(before), {each.state: each.requests for each in facts.request_states.rows}
    return Changes(
        since=since,
        missing=None,
        verdict_before=before["verdict"],
        figures=(
            Change("rows purged", _sum(before, "purged", "rows"), facts.purged_rows),
            Change("subjects purged", _sum(before, "purged", "subjects"), facts.purged_subjects),
            Change("requests received, in all", sum(states_before.values()), sum(states_now.values())),
            Change(
                "requests closed, in all",
                sum(states_before.get(state, 0) for state in CLOSED),
                sum(states_now.get(state, 0) for state in CLOSED),
            ),
            *(
                Change(f"requests in state {state}", states_before.get(state, 0), states_now.get(state, 0))
                for state in dict.fromkeys([*states_now, *states_before])
            ),
            Change("number of the release", _release(before), facts.release.release_id if facts.release else None),
            Change("receipts in the ledger", _sum(before, "chain", "receipts"), _receipts(facts)),
        ),
        rules=() if rules_missing else _rules(before, facts),
        rules_missing=rules_missing,
        tags=() if tags_missing else _tags(before, facts),
        tags_missing=tags_missing,
    )


def _rules(before: Mapping[str, Any], facts: NightFacts) -> tuple[Change, ...]:
    then = {rule["name"]: rule["offenders"] for rule in before["rules"]["rows"]}
    now = {rule.name: rule.offenders for rule in facts.rules.rows}
    return tuple(
        Change(name, then.get(name), now.get(name))
        for name in sorted({*then, *now})
        if then.get(name, 0) != now.get(name, 0) or (name in then) != (name in now)
    )


def _tags(before: Mapping[str, Any], facts: NightFacts) -> tuple[TagChange, ...]:
    then = {each["column"]: each["tag"] for each in before["tags"]["rows"]}
    now = {each.column: each.tag for each in facts.tags.rows}
    return tuple(
        TagChange(column, then.get(column, NO_TAG), now.get(column, NO_TAG))
        for column in sorted({*then, *now})
        if then.get(column) != now.get(column)
    )


def _untold(name: str, before: Mapping[str, Any], facts: NightFacts) -> str | None:
    """Return why one of the two nights does not tell this set of figures."""
    now: str | None = getattr(facts, name).missing
    if now is not None:
        return f"not told this night: {now}"
    if name not in before:
        return "the earlier report was written before it kept them."
    then: str | None = before[name]["missing"]
    return None if then is None else f"not told by the earlier report: {then}"


def _states(before: Mapping[str, Any]) -> dict[str, int]:
    return {each["state"]: each["requests"] for each in before["request_states"]["rows"]}


def _sum(before: Mapping[str, Any], name: str, key: str) -> int | None:
    if before[name]["missing"] is not None:
        return None
    return sum(int(each[key]) for each in before[name]["rows"])


def _release(before: Mapping[str, Any]) -> int | None:
    rows = before["releases"]["rows"]
    return int(rows[0]["release_id"]) if rows else None


def _receipts(facts: NightFacts) -> int | None:
    return facts.chain.rows[0].receipts if facts.chain.rows else None


def _is_before(name: str, night: date) -> bool:
    try:
        return date.fromisoformat(name) < night
    except ValueError:
        return False
