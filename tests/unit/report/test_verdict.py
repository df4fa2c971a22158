"""A verdict is what the warehouse recorded, and never more than that."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from privacy_governance.report.deciding import decide, explain, of_the_latest_run
from privacy_governance.report.facts import Figures, Recorded, Rule, Step, Suite, Verdict

NIGHT = date(2026, 11, 23)
FOUR = datetime(2026, 11, 23, 4, tzinfo=UTC)
FIVE = datetime(2026, 11, 23, 5, tzinfo=UTC)


def recorded(state, *, decided_last=NIGHT, violations=0):
    return Recorded(state, violations, None, FOUR, decided_last)


def step(name, *, has_stopped=False, at=FIVE, message="said\nmore"):
    return Step(name, message, at, has_stopped)


def rules(**offenders):
    return Figures(tuple(Rule(name, None, None, None, n, n, (), "") for name, n in offenders.items()), "")


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        ("published", Verdict.PUBLISHED),
        ("refused", Verdict.REFUSED),
        ("validated", Verdict.NOT_DECIDED),
        ("enforced", Verdict.NOT_DECIDED),
    ],
)
def test_the_verdict_follows_the_recorded_state(state, verdict):
    assert decide(NIGHT, recorded(state), ()).verdict is verdict


def test_a_night_that_recorded_nothing_is_not_decided_and_says_where_it_stopped():
    decision = decide(NIGHT, None, [step("compile"), step("trace", has_stopped=True)])
    assert decision.verdict is Verdict.NOT_DECIDED
    assert "stopped in trace: said" in decision.why
    assert "more" not in decision.why


def test_violations_are_this_nights_only_once_it_was_validated():
    assert decide(NIGHT, recorded("refused"), ()).no_violations_because is None
    assert decide(NIGHT, recorded("enforced"), ()).no_violations_because is not None
    assert decide(NIGHT, None, [step("validate")]).no_violations_because is not None


def test_tags_are_this_nights_once_its_run_says_it_wrote_them():
    assert decide(NIGHT, None, [step("tag")]).no_tags_because is None
    assert decide(NIGHT, None, [step("tag", has_stopped=True)]).no_tags_because is not None
    assert decide(NIGHT, recorded("enforced"), ()).no_tags_because is None


def test_a_later_night_takes_violations_and_tags_with_it():
    decision = decide(NIGHT, recorded("published", decided_last=date(2026, 11, 24)), [step("tag")])
    assert "2026-11-24" in decision.no_violations_because
    assert "2026-11-24" in decision.no_tags_because


def test_a_run_that_stopped_after_the_decision_is_a_caveat():
    (caveat,) = decide(NIGHT, recorded("published"), [step("trace", has_stopped=True)]).caveats
    assert "stopped in trace" in caveat
    assert decide(NIGHT, recorded("published"), [step("trace", has_stopped=True, at=FOUR)]).caveats == ()


def test_the_stop_that_is_the_refusal_is_no_caveat():
    assert decide(NIGHT, recorded("refused"), [step("validate", has_stopped=True)]).caveats == ()


def test_a_refusal_names_the_rules_and_counts_the_expectations():
    now = recorded("refused", violations=3)
    why, caveats = explain(
        decide(NIGHT, now, ()), now, rules(violation_a=3, violation_b=0), Figures((Suite("s", 9, 1, 0),), "")
    )
    assert why.startswith("1 of 2 rules found offenders (violation_a) and 1 of 10 expectations did not hold.")
    assert caveats == ()


def test_a_published_night_whose_expectations_did_not_hold_is_a_caveat():
    now = recorded("published")
    why, (caveat,) = explain(decide(NIGHT, now, ()), now, rules(a=0), Figures((Suite("s", 9, 1, 0),), ""))
    assert "expectations did not hold: 1" in caveat
    assert "expectations held" not in why


def test_a_warning_is_told_and_is_no_doubt_about_a_published_night():
    now = recorded("published")
    why, caveats = explain(decide(NIGHT, now, ()), now, rules(a=0), Figures((Suite("s", 9, 0, 1),), ""))
    assert why.startswith("1 rules found no offender and 9 expectations held, 1 only warned.")
    assert caveats == ()


def test_steps_of_an_earlier_run_are_not_told_as_the_latest_run_s():
    before = (step("publish", at=FOUR - timedelta(hours=1)),)
    own = (step("validate", has_stopped=True, at=FOUR - timedelta(seconds=30)),)
    assert of_the_latest_run(before, recorded("refused")) == ()
    assert of_the_latest_run(own, recorded("refused")) == own
    assert of_the_latest_run(before, None) == before
