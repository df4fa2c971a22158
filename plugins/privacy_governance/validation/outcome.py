"""What validating a night found, and the refusal that a task's log shows."""

from __future__ import annotations

from dataclasses import dataclass

from privacy_governance.errors import PublishingBlockedError

WARNING = "warning"  # severity, in Great Expectations' words, of what is told and blocks nothing
FEW = 3  # findings and expectations that a message names; the rest is counted


@dataclass(frozen=True)
class Expected:
    """One expectation's verdict; observed is a count, column names or types, never a row's value.

    `reader` names the reader's suites; observed is None where only a verdict may be kept. `severity` is the suite's:
    what is unmet blocks publishing, unless it is a warning.
    """

    reader: str
    expectation: str
    relation: str
    column: str | None
    is_met: bool
    observed: str | None
    severity: str = "critical"

    @property
    def described(self) -> str:
        """Where, what, and what was observed, in one line."""
        where = self.relation + (f".{self.column}" if self.column else "")
        told = f" (observed: {self.observed})" if self.observed else ""
        return f"{self.reader}: {where} does not meet {self.expectation}{told}"


@dataclass(frozen=True)
class ViolationCount:
    """A rule with its offenders (sum over its findings), and the first findings: what, where, the fix."""

    rule: str
    offenders: int
    findings: tuple[str, ...]
    listed: int

    @property
    def relation(self) -> str:
        """Where every finding of the rule is listed."""
        return f"audit.{self.rule}"


@dataclass(frozen=True)
class Validation:
    """Outcome of a night's validation; met when nothing offends and every expectation holds but for warnings."""

    night: str
    violations: tuple[ViolationCount, ...]
    unmet: tuple[Expected, ...]
    expectations: int
    warned: tuple[Expected, ...] = ()

    @property
    def met(self) -> bool:
        """Whether the candidate may be published."""
        return not self.violations and not self.unmet

    @property
    def offenders(self) -> int:
        """Offenders of all rules together."""
        return sum(violation.offenders for violation in self.violations)

    @property
    def summary(self) -> str:
        """One line for the night's progress."""
        met = self.expectations - len(self.unmet) - len(self.warned)
        held = f"{met} of {self.expectations} expectations met"
        if self.warned:
            held += f", {_counted(len(self.warned), 'warning')}"
        if not self.violations:
            return f"no violations, {held}"
        return f"{_counted(self.offenders, 'violation')} of {_counted(len(self.violations), 'rule')}, {held}"


def require_met(outcome: Validation) -> None:
    """Let a night pass that may be published.

    Raises:
        PublishingBlockedError: what blocks it, with the first findings and where the rest is.

    """
    if not outcome.met:
        raise PublishingBlockedError("\n".join(_refusal(outcome)))


def _refusal(outcome: Validation) -> list[str]:
    lines = [f"night {outcome.night} is not published, the release stays as it was: {outcome.summary}."]
    for violation in outcome.violations:
        lines.append(f"{violation.rule}: {_counted(violation.offenders, 'offender')}")
        lines += [f"  - {finding}" for finding in violation.findings]
        if violation.listed > len(violation.findings):
            lines.append(f"  - and {violation.listed - len(violation.findings)} more in {violation.relation}")
    for result in _beyond_violations(outcome)[:FEW]:
        lines.append(result.described)
    rest = len(_beyond_violations(outcome)) - FEW
    if rest > 0:
        lines.append(f"and {_counted(rest, 'further expectation')} unmet")
    lines.append(
        "Everything is in the report (govern report), in audit.violation_* and audit.validation_results, and in"
        " Data Docs (expectations/uncommitted/data_docs)."
        f" Mend it, then: govern nightly --date {outcome.night}"
    )
    return lines


def _beyond_violations(outcome: Validation) -> tuple[Expected, ...]:
    rules = {violation.relation for violation in outcome.violations}
    return tuple(result for result in outcome.unmet if result.relation not in rules)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
