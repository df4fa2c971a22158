"""The report as one HTML page that needs nothing else, and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from itertools import cycle
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from privacy_governance.report.questions import FIRST

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    page = environment.get_template("report.html.j2")
    return page.render(facts=facts, first=FIRST, not_legal_advice=NOT_LEGAL_ADVICE)


def as_json(facts: NightFacts) -> str:
    """Return the same as JSON: dates in ISO 8601, each set of rows with its SQL."""
    content = {"not_legal_advice": NOT_LEGAL_ADVICE, **asdict(facts)}
    return json.dumps(content, default=_json_value, indent=2, ensure_ascii=False) + "\n"


def changing(path: Sequence[str]) -> tuple[str, ...]:
    """Return a column's path without the steps that only pass it on under the name it then has."""
    following = (*path[1:], "")
    return tuple(step for step, after in zip(path, following, strict=True) if step != after.rpartition(".")[2])


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


def _code(text: str) -> Markup:
    """Return text whose `backticked` words are set as code; everything in it is escaped."""
    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if odd else part
        for odd, part in zip(cycle((False, True)), parts, strict=False)
    )
