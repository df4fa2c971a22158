"""The report as one HTML page that needs nothing else, and as JSON."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import date, datetime
from itertools import cycle, groupby
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from privacy_governance.report.questions import FIRST
from privacy_governance.report.risk import LOSSES, OTHER_MEASURES, RISKS, SIZES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from privacy_governance.report.facts import NightFacts

NOT_LEGAL_ADVICE = (
    "This report states what the warehouse records. It is not legal advice, and no finding of compliance."
)


def html(facts: NightFacts) -> str:
    """Return the page: styles inside, no script, no address of anything else."""
    environment = Environment(
        loader=PackageLoader("privacy_governance.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = _number
    environment.filters["changing"] = changing
    environment.filters["counted"] = _counted
    environment.filters["moment"] = _moment
    environment.filters["code"] = _code
    environment.filters["size"] = size_of_class
    environment.filters["broken"] = broken
    page = environment.get_template("report.html.j2")
    return page.render(
        facts=facts,
        plots=_plots(facts),
        measured=_measured(facts),
        first=FIRST,
        not_legal_advice=NOT_LEGAL_ADVICE,
    )


def as_json(facts: NightFacts) -> str:
    """Return the same as JSON: dates in ISO 8601, each set of rows with its SQL."""
    content = {"not_legal_advice": NOT_LEGAL_ADVICE, **asdict(facts)}
    return json.dumps(content, default=_json_value, indent=2, ensure_ascii=False) + "\n"


def changing(path: Sequence[str]) -> tuple[str, ...]:
    """Return a column's path without the steps that only pass it on under the name it then has."""
    following = (*path[1:], "")
    return tuple(step for step, after in zip(path, following, strict=True) if step != after.rpartition(".")[2])


def size_of_class(least: int) -> str:
    """Return the sizes that are counted under `least`, in words: 5 to 9."""
    following = next((size for size in SIZES if size > least), None)
    if following is None:
        return f"{least:,} or more"
    return f"{least:,}" if following == least + 1 else f"{least:,} to {following - 1:,}"


def _plots(facts: NightFacts) -> Mapping[str, Markup | list[tuple[str, Markup]] | None]:
    from privacy_governance.report.charts import bars  # noqa: PLC0415 -- who only lists nights needs no matplotlib

    oldest_first = facts.releases.rows[::-1]
    releases = None
    if len(oldest_first) > 1:
        releases = bars(
            "Rows by release",
            [f"release {release.release_id}" for release in oldest_first],
            [release.rows for release in oldest_first],
            measure="rows",
        )
    classes = []
    for relation, rows in groupby(facts.class_sizes.rows, key=lambda row: row.relation):
        counted = list(rows)
        plot = bars(
            f"Classes of {relation} by number of subjects",
            [f"{size_of_class(row.least)} subject{'' if row.least == 1 else 's'}" for row in counted],
            [row.classes for row in counted],
            measure="classes",
        )
        classes.append((relation, plot))
    return {
        "releases": releases,
        "classes": classes,
        "risks": _shares(facts, "Risk of {}", RISKS, "chance or share, 0 to 1"),
        "losses": _shares(facts, "Loss of {}", LOSSES, "share or distance, 0 to 1"),
    }


def _shares(facts: NightFacts, title: str, names: Mapping[str, str], measure: str) -> list[tuple[str, Markup]]:
    """Return a plot a measured table, on a scale that is the same for all."""
    from privacy_governance.report.charts import bars  # noqa: PLC0415 -- as above

    plotted = []
    for relation, rows in groupby(facts.measures.rows, key=lambda row: row.relation):
        values = {row.measure: row.value for row in rows if row.value is not None}
        shown = [name for name in names if name in values]
        if shown:
            labels = [name.replace("_", " ") for name in shown]
            plot = bars(title.format(relation), labels, [values[name] for name in shown], measure=measure, longest=1)
            plotted.append((relation, plot))
    return plotted


def _measured(facts: NightFacts) -> list[tuple[str, str, list[float | None]]]:
    """Return every measure with what it says and its value in each table, in the tables' order."""
    words = {**RISKS, **LOSSES, **OTHER_MEASURES}
    tables = dict.fromkeys(row.relation for row in facts.measures.rows)
    values = {(row.measure, row.relation): row.value for row in facts.measures.rows}
    names = [*words, *dict.fromkeys(row.measure for row in facts.measures.rows if row.measure not in words)]
    return [
        (name.replace("_", " "), words.get(name, ""), [values.get((name, table)) for table in tables])
        for name in names
        if any((name, table) in values for table in tables)
    ]


def _json_value(value: object) -> str:
    if isinstance(value, date):  # a datetime is a date too
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form in the report")


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _counted(value: int, what: str) -> str:
    return f"{value:,} {what}" if value == 1 else f"{value:,} {what}s"


def _moment(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M} UTC"


def broken(name: str) -> Markup:
    """Return a name that may be broken across lines after its dots and underscores; everything in it is escaped."""
    return Markup("<wbr>").join(escape(part) for part in re.findall(r"[^._]*[._]+|[^._]+", name))


def _code(text: str) -> Markup:
    """Return text whose `backticked` words are set as code; everything in it is escaped."""
    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if odd else part
        for odd, part in zip(cycle((False, True)), parts, strict=False)
    )
