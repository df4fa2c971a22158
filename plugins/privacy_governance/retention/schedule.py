"""The retention schedule: of a column, why it is kept how long; of a notice category, what the notice may say.

Civ. Code 1798.100(a)(3): the period of each category, or its criteria. The rules' effective dates count, so that it can
be asked as of any day; columns and their uses are those of that day, or of the first night that tagged, where it came
later (`uses_known_from`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg.rows import class_row

from privacy_governance.errors import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from privacy_governance.warehouse import Connection

USES = """
select relation, column_name, pi_kind, purpose, period::text, event, action, ground, rule_scope, clock_column,
    cutoff::text
from intermediate.int_uses__scheduled
where relation = %s and column_name = %s
order by cutoff nulls first, purpose, pi_kind
"""
COLUMNS = """
select relation, column_name, pi_kinds, purposes, purpose, period::text, event, clock_column, action, ground, is_capped,
    suspended_until::text, cutoff::text
from intermediate.int_columns__scheduled
where %(relation)s::text is null or (relation = %(relation)s and column_name = %(column)s)
order by relation, column_name, cutoff
"""
CATEGORIES = """
select category, label, period::text, event, is_generalized, pi_kinds, column_names, purposes, grounds, relations,
    suspended_until::text
from intermediate.int_categories__scheduled
order by position, int_categories__scheduled.period desc nulls first, event, is_generalized
"""
KNOWN_FROM = """
select least(
    (select min(used_from) from governance.column_uses), (select min(used_from) from governance.former_column_uses)
)
"""
BUILT = "select to_regclass('intermediate.int_categories__scheduled') is not null"
EVENTS = {
    "collected": "after it is collected",
    "last_active": "after the person was last active",
    "contract_ended": "after the contract ended",
}


@dataclass(frozen=True)
class ScheduledUse:
    """A use of a column with the rule that counts for it; period None where none does, clock None where none tells."""

    relation: str
    column_name: str
    pi_kind: str
    purpose: str
    period: str | None
    event: str | None
    action: str | None
    ground: str | None
    rule_scope: str | None
    clock_column: str | None
    cutoff: str | None


@dataclass(frozen=True)
class ScheduledColumn:
    """How long a column is kept, by its longest use; cutoff None where a rule is missing, or it is suspended."""

    relation: str
    column_name: str
    pi_kinds: list[str]
    purposes: list[str]
    purpose: str | None
    period: str | None
    event: str | None
    clock_column: str | None
    action: str | None
    ground: str | None
    is_capped: bool | None
    suspended_until: str | None
    cutoff: str | None


@dataclass(frozen=True)
class CategoryPeriod:
    """One period of a notice category: what it is about, for which purposes, on which grounds.

    Period None: a use of these columns has no rule. `column_names`: the columns, where a rule is about some only.
    """

    category: str
    label: str
    period: str | None
    event: str | None
    is_generalized: bool | None
    pi_kinds: list[str]
    column_names: list[str] | None
    purposes: list[str]
    grounds: list[str | None]
    relations: list[str]
    suspended_until: str | None


def scheduled_uses(connection: Connection, relation: str, column: str) -> tuple[ScheduledUse, ...]:
    """Return the uses of one column with their rules as of the session's `governance.night`, longest first.

    Raises:
        WarehouseError: no night has built the schedule yet.

    """
    _require_schedule(connection)
    with connection.cursor(row_factory=class_row(ScheduledUse)) as cursor:
        return tuple(cursor.execute(USES, [relation, column]))


def scheduled_columns(
    connection: Connection, relation: str | None = None, column: str | None = None
) -> tuple[ScheduledColumn, ...]:
    """Return how long each personal column (or one) is kept as of the session's `governance.night`.

    Raises:
        WarehouseError: no night has built the schedule yet.

    """
    _require_schedule(connection)
    with connection.cursor(row_factory=class_row(ScheduledColumn)) as cursor:
        return tuple(cursor.execute(COLUMNS, {"relation": relation, "column": column}))


def scheduled_categories(connection: Connection) -> tuple[CategoryPeriod, ...]:
    """Return each notice category's periods as of the session's `governance.night`, longest first.

    Raises:
        WarehouseError: no night has built the schedule yet.

    """
    _require_schedule(connection)
    with connection.cursor(row_factory=class_row(CategoryPeriod)) as cursor:
        return tuple(cursor.execute(CATEGORIES))


def uses_known_from(connection: Connection) -> date | None:
    """Return the first day whose uses of columns are known; as of an earlier one, those of this day are told."""
    day: date | None
    (day,) = connection.execute(KNOWN_FROM).fetchone() or (None,)
    return day


def notice_text(categories: Sequence[CategoryPeriod]) -> str:
    """Return the schedule as text for a notice: of each category its purposes, periods and grounds."""
    lines: list[str] = []
    for name in dict.fromkeys(each.category for each in categories):
        periods = [each for each in categories if each.category == name]
        purposes = dict.fromkeys(purpose for each in periods for purpose in each.purposes)
        lines += [periods[0].label, f"  Kept for: {'; '.join(purposes)}."]
        lines += [f"  - {_sentence(each)}" for each in periods]
        lines.append("")
    return "\n".join(lines)


def _sentence(each: CategoryPeriod) -> str:
    about = ", ".join(each.pi_kinds)
    if each.column_names:
        about += f" (only {', '.join(each.column_names)})"
    if each.period is None:
        return f"{about}: no period is decided yet."
    ends = ", then made less precise" if each.is_generalized else ""
    kept = f"{about}: {each.period} {EVENTS.get(str(each.event), '')}{ends}."
    return f"{kept} {_grounds(each.grounds)}"


def _grounds(grounds: Iterable[str | None]) -> str:
    return " ".join(f"{ground.rstrip('.')}." for ground in grounds if ground)


def _require_schedule(connection: Connection) -> None:
    if connection.execute(BUILT).fetchone() != (True,):
        raise WarehouseError("there is no retention schedule yet: a night builds it. Run govern nightly first.")
