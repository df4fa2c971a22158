"""The verdict on a night, and which figures may be told as this night's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from privacy_governance.report.facts import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from privacy_governance.report.facts import Figures, Recorded, Rule, Step, Suite

# states of governance.nights that validate or publish wrote
DECIDED = ("refused", "validated", "published")
# a step speaks after the warehouse has recorded what it decided; the two clocks may differ a little
CLOCKS_APART = timedelta(minutes=1)


@dataclass(frozen=True)
class Decision:
    """Verdict and why; the two reasons are None where violations and tags are this night's."""

    verdict: Verdict
    why: str
    caveats: tuple[str, ...]
    no_violations_because: str | None
    no_tags_because: str | None


def of_the_latest_run(steps: Sequence[Step], recorded: Recorded | None) -> tuple[Step, ...]:
    """Return the steps, or none where a later run decided that kept its record elsewhere, on another machine."""
    if recorded is not None and steps and recorded.decided_at - steps[-1].at > CLOCKS_APART:
        return ()
    return tuple(steps)


def decide(night: date, recorded: Recorded | None, steps: Sequence[Step]) -> Decision:
    """Judge by what the warehouse recorded of the night, and by what the steps of its latest run said.

    Violations and tags are replaced by every night and bear no date: they are this night's only while no
    later decision was recorded, and tags also once this night's run says that it wrote them.
    """
    stopped = next((step for step in reversed(steps) if step.has_stopped), None)
    replaced = recorded is not None and recorded.decided_last != night
    is_decided = recorded is not None and recorded.state in DECIDED
    verdict, why = _verdict(night, recorded, stopped)
    if is_decided and not replaced:
        no_violations = None
    elif replaced and recorded is not None:
        no_violations = f"night {recorded.decided_last} was decided later and replaced them."
    else:
        no_violations = "validate did not finish this night; what the tables hold may be of an earlier one."
    has_tagged = any(step.name == "tag" and not step.has_stopped for step in steps)
    no_tags = None
    if replaced and recorded is not None:
        no_tags = f"night {recorded.decided_last} was decided later and replaced them."
    elif recorded is None and not has_tagged:
        no_tags = "nothing shows that the tags were made this night."
    return Decision(verdict, why, _caveats(recorded, stopped), no_violations, no_tags)


def explain(
    decision: Decision,
    recorded: Recorded | None,
    rules: Figures[Rule],
    suites: Figures[Suite],
) -> tuple[str, tuple[str, ...]]:
    """Return why, with this night's own numbers where it was decided on them, and what does not add up."""
    if recorded is None or decision.no_violations_because is not None:
        return decision.why, ()
    offenders = sum(rule.offenders for rule in rules.rows)
    caveats: tuple[str, ...] = ()
    if recorded.violations is not None and recorded.violations != offenders:
        caveats = (
            f"Validate counted {recorded.violations:,} offenders, and the audit tables now list "
            f"{offenders:,}: they changed after the decision. Run the night again.",
        )
    met, unmet = sum(suite.met for suite in suites.rows), sum(suite.unmet for suite in suites.rows)
    if decision.verdict is Verdict.PUBLISHED and unmet:
        caveats += (f"The night is recorded as published, though expectations did not hold: {unmet:,}.",)
    elif decision.verdict is Verdict.PUBLISHED and not offenders:
        warned = sum(suite.warned for suite in suites.rows)
        warnings = f", {warned:,} only warned" if warned else ""
        return (
            f"{len(rules.rows)} rules found no offender and {met:,} expectations held{warnings}. {decision.why}",
            caveats,
        )
    if decision.verdict is Verdict.REFUSED:
        broken = [rule.name for rule in rules.rows if rule.found]
        parts = [f"{len(broken)} of {len(rules.rows)} rules found offenders ({', '.join(broken)})"] if broken else []
        parts += [f"{unmet:,} of {met + unmet:,} expectations did not hold"] if unmet else []
        if parts:
            return f"{' and '.join(parts)}. {decision.why}", caveats
    return decision.why, caveats


def first_line(step: Step) -> str:
    """Return the first line of what a step said."""
    return step.message.split("\n", 1)[0]


def _verdict(night: date, recorded: Recorded | None, stopped: Step | None) -> tuple[Verdict, str]:
    where = f" The night stopped in {stopped.name}: {first_line(stopped)}" if stopped else ""
    if recorded is None:
        return Verdict.NOT_DECIDED, f"Night {night} recorded no decision in this warehouse.{where}"
    if recorded.state == "published":
        return (
            Verdict.PUBLISHED,
            "The candidate is what analysts read.",
        )
    if recorded.state == "refused":
        return (
            Verdict.REFUSED,
            "The candidate was kept back; what analysts read is unchanged.",
        )
    if recorded.state == "validated":
        return Verdict.NOT_DECIDED, f"The candidate held to every rule, but was not published.{where}"
    return Verdict.NOT_DECIDED, f"Rows were purged, but no candidate was validated.{where}"


def _caveats(recorded: Recorded | None, stopped: Step | None) -> tuple[str, ...]:
    if recorded is None or stopped is None or recorded.state not in DECIDED or stopped.at <= recorded.decided_at:
        return ()
    if recorded.state == "refused" and stopped.name in {"validate", "publish"}:
        return ()  # that stop is the refusal
    return (
        f"A later run of this night stopped in {stopped.name} ({first_line(stopped)}); "
        f"the verdict is of {recorded.decided_at:%Y-%m-%d %H:%M} UTC, before it.",
    )
