"""Gather what the report says about a night, from one snapshot of the warehouse."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from psycopg import sql

from privacy_governance import progress
from privacy_governance.errors import SettingsError
from privacy_governance.report import facts as f
from privacy_governance.report import purging, requests, risk, schedule, trend
from privacy_governance.report import questions as q
from privacy_governance.report.asking import Inquiry
from privacy_governance.report.changes import Changes, since_last_night
from privacy_governance.report.deciding import Decision, decide, explain, of_the_latest_run
from privacy_governance.report.declarations import CHART_SQL, RuleWords, chart_of, read_project, rules_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from privacy_governance.settings import Settings
    from privacy_governance.warehouse import Warehouse


def gather(warehouse: Warehouse, settings: Settings, *, night: str) -> f.NightFacts:
    """Return what the warehouse and the night's own progress say about `night` (YYYY-MM-DD); changes nothing.

    Figures that can't be told as this night's have no rows, and say why.

    Raises:
        SettingsError: `night` is no date.
        WarehouseError: unreachable, or a ledger table has another shape.

    """
    try:
        on = date.fromisoformat(night)
    except ValueError:
        raise SettingsError("the night is not a date. Write it as YYYY-MM-DD.") from None
    manifest = read_project(settings.dbt_project)
    steps = read_steps(settings.progress_of(night))
    with warehouse.connect("gather the report", session={"timezone": "UTC", "governance.night": night}) as connection:
        connection.execute("set transaction isolation level repeatable read, read only")
        inquiry = Inquiry(connection, on)
        recorded = inquiry.ask(q.RECORDED, f.Recorded)
        steps = of_the_latest_run(steps, recorded.rows[0] if recorded.rows else None)
        decision = decide(on, recorded.rows[0] if recorded.rows else None, steps)
        chart_text = inquiry.text(sql.SQL(CHART_SQL).format(night=sql.Literal(on)))
        chart, differences, general_parties = chart_of(manifest, settings.dbt_project, on, chart_text)
        rules = _rules(inquiry, rules_of(manifest), decision)
        suites = inquiry.ask(q.SUITES, f.Suite)
        why, doubts = explain(decision, recorded.rows[0] if recorded.rows else None, rules, suites)
        releases = inquiry.ask(q.RELEASES, f.Release)
        facts = f.NightFacts(
            night=on,
            gathered_at=datetime.now(UTC).replace(microsecond=0),
            verdict=decision.verdict,
            why=why,
            caveats=(*decision.caveats, *doubts),
            recorded=recorded,
            steps=steps,
            purged=inquiry.ask(purging.PURGED, purging.PurgeReason),
            purges=inquiry.ask(purging.PURGES, purging.Purge),
            chain=inquiry.ask(purging.CHAIN, purging.Chain),
            rules=rules,
            request_states=inquiry.ask(q.REQUEST_STATES, f.RequestState),
            open_requests=inquiry.ask(q.OPEN_REQUESTS, f.OpenRequest),
            refusals=inquiry.ask(q.REFUSALS, f.Refusal),
            categories=inquiry.ask(schedule.CATEGORIES, schedule.CategoryPeriod, missing=decision.no_tags_because),
            retention=inquiry.ask(schedule.RETENTION, schedule.RetentionRule),
            coverage=inquiry.ask(q.COVERAGE, f.Coverage, missing=decision.no_tags_because),
            unknown=inquiry.ask(q.UNKNOWN_COLUMNS, f.UnknownColumn, missing=decision.no_tags_because),
            released_columns=inquiry.ask(q.RELEASED_COLUMNS, f.ColumnTag, missing=decision.no_tags_because),
            releases=releases,
            standing=_standing(inquiry, releases.rows[0] if releases.rows else None),
            suites=suites,
            unmet=inquiry.ask(q.UNMET, f.Unmet),
            exceptions=inquiry.ask(q.EXCEPTIONS, f.Tolerated),
            chart=chart,
            chart_differences=differences,
            general_parties=general_parties,
            plans=inquiry.ask(purging.PLANNED, purging.Planned),
            copy=inquiry.ask(purging.COPY_HEAD, purging.CopyHead),
            reviews=inquiry.ask(requests.REVIEWS, requests.Waiting),
            on_hold=inquiry.ask(requests.ON_HOLD, requests.OnHold),
            used_exceptions=inquiry.ask(requests.USED_EXCEPTIONS, requests.UsedException),
            late=inquiry.ask(requests.LATE, requests.Late),
            metrics=inquiry.ask(requests.METRICS, requests.Metric),
            measures=inquiry.ask(risk.MEASURES, risk.Measured),
            class_sizes=risk.class_sizes(inquiry, manifest, releases.rows[0] if releases.rows else None),
            near_research=inquiry.ask(risk.NEAR_RESEARCH, risk.NearResearch, missing=decision.no_tags_because),
            tags=inquiry.ask(q.TAGS, f.TaggedColumn, missing=decision.no_tags_because),
            trend=inquiry.ask(trend.TREND, trend.NightMeasures),
            changes=Changes(None, "not compared"),
        )
    return replace(facts, changes=since_last_night(facts, settings.nights))


def read_steps(file: Path) -> tuple[f.Step, ...]:
    """Return what the steps of the night's latest run said; none where nobody wrote it down.

    A step that was tried again is told by its last try.
    """
    last: dict[str, f.Step] = {}
    for line, _ in progress.read(file, offset=0):
        if line.step == "report":
            continue  # an earlier writing of this very page
        last.pop(line.step, None)
        last[line.step] = f.Step(
            name=line.step,
            message=line.message.removeprefix(progress.STOPPED),
            at=datetime.fromtimestamp(line.at, UTC),
            has_stopped=line.message.startswith(progress.STOPPED),
        )
    return tuple(last.values())


def _rules(inquiry: Inquiry, words: Mapping[str, RuleWords], decision: Decision) -> f.Figures[f.Rule]:
    built = [name for (name,) in inquiry.rows(q.VIOLATION_TABLES)]
    text = "\nunion all\n".join(
        inquiry.text(sql.SQL(q.COUNT_OF_RULE).format(name=sql.Literal(name), table=sql.Identifier(name)))
        for name in built
    )
    if decision.no_violations_because is not None:
        return f.Figures((), text, decision.no_violations_because)
    if not built:
        return f.Figures((), text, "the warehouse has no audit.violation_… relation.")
    rules = [_rule(inquiry, words.get(name), name, found, offenders) for name, found, offenders in inquiry.rows(text)]
    return f.Figures(tuple(sorted(rules, key=lambda rule: (-rule.found, rule.name))), text)


def _rule(inquiry: Inquiry, words: RuleWords | None, name: str, found: int, offenders: int) -> f.Rule:
    text = inquiry.text(sql.SQL(q.FIRST_OF_RULE).format(table=sql.Identifier(name), first=sql.Literal(q.FIRST)))
    first = tuple(f.Finding(*row) for row in inquiry.rows(text)) if found else ()
    what, why, remedy = (words.what, words.why, words.remedy) if words else (None, None, None)
    return f.Rule(name, what, why, remedy, found, offenders, first, text)


def _standing(inquiry: Inquiry, release: f.Release | None) -> f.Figures[f.Standing]:
    if release is None:
        return f.Figures((), "", "nothing was ever published from this warehouse.")
    text = "\nunion all\n".join(
        inquiry.text(
            sql.SQL(q.STANDING_TABLE).format(
                relation=sql.Literal(f"research.{name}"),
                table=sql.Literal(name),
                published_at=sql.Literal(release.published_at),
            )
        )
        for name in release.relations
    )
    gone = [name for name in release.relations if not inquiry.exists(f'research."{name}"')]
    if gone:
        return f.Figures((), text, f"research lacks {', '.join(gone)}, which the newest release held.")
    return f.Figures(tuple(f.Standing(*row) for row in inquiry.rows(text)), text)
