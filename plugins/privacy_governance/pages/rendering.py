"""The pages' template environment: the report's styles and macros, everything escaped."""

from __future__ import annotations

from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined


@cache
def environment() -> Environment:
    """Return the environment of every page but the report: same styles, no address of anything else."""
    made = Environment(
        loader=ChoiceLoader([PackageLoader("privacy_governance.pages"), PackageLoader("privacy_governance.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["counted"] = counted
    made.filters["number"] = number
    return made


def counted(value: int, what: str) -> str:
    """Return `1 night`, `2 nights`."""
    return f"{value:,} {what}" if value == 1 else f"{value:,} {what}s"


def number(value: int | None) -> str:
    """Return a number with its thousands apart, and a dash where none is known."""
    return "-" if value is None else f"{value:,}"
