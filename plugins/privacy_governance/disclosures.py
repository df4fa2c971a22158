"""Hold the warehouse to its notice: the uses that its columns declare, and where they differ from the chart.

A column that exists is in use. A column of a declared table that the warehouse lacks altogether is awaited:
it backs nothing yet, but what is wrong is the load, not the disclosure. A declared column that its table lacks
is neither.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from privacy_governance.categories import DeclaredUse, load_taxonomy, uses_of_column
from privacy_governance.errors import DeclarationError, WarehouseError
from privacy_governance.notice import (
    Breach,
    ChartDifference,
    ChartPair,
    compare,
    published_chart,
    rows_side_by_side,
    warehouse_chart,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from privacy_governance.categories import Taxonomy
    from privacy_governance.manifest import Column, Manifest, Source
    from privacy_governance.warehouse import Connection, Warehouse
    from privacy_governance.warehouse.catalog import Schema


@dataclass(frozen=True)
class Use:
    """A declared use; `is_present` False where the warehouse lacks the whole table."""

    declared: DeclaredUse
    sensitive_kind: str | None
    is_present: bool


@dataclass(frozen=True)
class Difference:
    """A row of `governance.notice_differences`: one per column used beyond the notice, one per unbacked entry.

    `aspect` and `member` are None where it is about a whole category; `relation` and `column` where no column
    backs a disclosure; `awaited` names the missing tables that would back it.
    """

    breach: str
    category: str
    aspect: str | None
    member: str | None
    relation: str | None
    column: str | None
    awaited: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Regenerated:
    """The chart regenerated from the warehouse beside the published one; `columns` counts those in use."""

    on: date
    columns: int
    pairs: tuple[ChartPair, ...]
    parties_of_every_category: tuple[str, ...]
    differences: tuple[Difference, ...]


def declared_uses(manifest: Manifest, taxonomy: Taxonomy, catalog: Schema) -> tuple[Use, ...]:
    """Return every use that the sources declare of columns in the warehouse, or in tables it still lacks.

    A column without a tag has no use: it is unknown, and blocks publishing as such.

    Raises:
        DeclarationError: a use or sensitive kind is declared wrongly; names the column, its file and the fix.

    """
    found: dict[Use, None] = {}
    for source in manifest.sources:
        existing = catalog.get(source.relation)
        for column in source.columns.values():
            uses = _uses(source, column, taxonomy, is_present=existing is not None)
            if existing is None or column.name in existing:
                found.update(dict.fromkeys(uses))
    return tuple(found)


def sensitive_kind(source: Source, column: Column, taxonomy: Taxonomy) -> str | None:
    """Return the sensitive kind that a column declares, None where it declares none.

    Raises:
        DeclarationError: the kind is unknown on the taxonomy's day, or the column claims not to be personal.

    """
    kind = column.meta.get("sensitive_kind")
    if kind is None:
        return None
    where = f"{source.relation}.{column.name} in {source.file}"
    known = taxonomy.sensitive_kind(str(kind), where=where)
    if column.meta.get("ccpa_category") == "none":
        raise DeclarationError(
            f"{where} is tagged none and holds {known.label}, which is personal. "
            "Give it a pi_kind, or take sensitive_kind away."
        )
    return known.name


def differences(taxonomy: Taxonomy, uses: Iterable[Use]) -> tuple[Difference, ...]:
    """Return where the uses and the chart published on the taxonomy's day disagree, both ways."""
    published = published_chart(taxonomy)
    by_column = sorted(uses, key=lambda use: (use.declared.relation, use.declared.column))
    declared = [use.declared for use in by_column]
    present = [use.declared for use in by_column if use.is_present]
    found: list[Difference] = []
    for (relation, column), its_uses in groupby(present, key=lambda use: (use.relation, use.column)):
        beyond = _of(Breach.UNDISCLOSED_USE, compare(published, warehouse_chart(taxonomy, its_uses)))
        found += [_difference(each, relation, column) for each in beyond]
    unbacked = _of(Breach.UNBACKED_DISCLOSURE, compare(published, warehouse_chart(taxonomy, declared)))
    found += [_difference(each) for each in unbacked]
    nobody_declares = {_key(each) for each in unbacked}
    awaited = [use.declared for use in by_column if not use.is_present]
    found += [
        _awaited(each, taxonomy, awaited)
        for each in _of(Breach.UNBACKED_DISCLOSURE, compare(published, warehouse_chart(taxonomy, present)))
        if _key(each) not in nobody_declares
    ]
    return tuple(found)


# a use that was declared before stands since then; one that is declared no more did until the day before
FOLLOW = """
with still_used as (
    update governance.column_uses as used
    set used_from = least(used.used_from, before.used_from)
    from used_before as before
    where
        (used.relation, used.column_name, used.category, used.pi_kind, used.source, used.purpose)
        = (before.relation, before.column_name, before.category, before.pi_kind, before.source, before.purpose)
        and (used.party, used.sensitive_kind, used.is_present)
        is not distinct from (before.party, before.sensitive_kind, before.is_present)
    returning before.ctid as place
)

insert into governance.former_column_uses (
    relation, column_name, category, pi_kind, source, purpose, party, sensitive_kind, is_present, used_from, used_until
)
select
    before.relation, before.column_name, before.category, before.pi_kind, before.source, before.purpose, before.party,
    before.sensitive_kind, before.is_present, before.used_from, %(on)s::date - 1
from used_before as before
where before.used_from < %(on)s and not exists (select 1 from still_used where still_used.place = before.ctid)
"""
# a night of a past date is run again: from that date on, what it declares stands
NOT_AFTER = """
update governance.former_column_uses set used_until = %(on)s::date - 1
where used_until >= %(on)s and used_from < %(on)s
"""
NEVER = "delete from governance.former_column_uses where used_from >= %(on)s"


def write(connection: Connection, taxonomy: Taxonomy, uses: Sequence[Use], *, on: date) -> None:
    """Replace all uses and differences, in the caller's transaction; what is used no more was so until before `on`."""
    connection.execute("create temporary table used_before on commit drop as table governance.column_uses")
    connection.execute("truncate governance.column_uses, governance.notice_differences")
    with connection.cursor().copy(
        "copy governance.column_uses (category, pi_kind, source, purpose, party, relation, column_name,"
        " sensitive_kind, is_present, used_from) from stdin"
    ) as copy:
        for use in uses:
            copy.write_row((*astuple(use.declared), use.sensitive_kind, use.is_present, on))
    for statement in (FOLLOW, NOT_AFTER, NEVER):
        connection.execute(statement, {"on": on})
    with connection.cursor().copy(
        "copy governance.notice_differences (breach, category, aspect, member, relation, column_name,"
        " awaited_relations, message) from stdin"
    ) as copy:
        for each in differences(taxonomy, uses):
            copy.write_row(
                (
                    each.breach,
                    each.category,
                    each.aspect,
                    each.member,
                    each.relation,
                    each.column,
                    list(each.awaited),
                    each.message,
                )
            )


def regenerate(warehouse: Warehouse, dbt_project: Path, *, on: date) -> Regenerated:
    """Return the chart that the last night's uses amount to, beside the one published on `on`.

    Raises:
        DeclarationError: the notice's seeds are wrong.
        WarehouseError: no night has written uses yet, or the warehouse can't be read.

    """
    taxonomy = load_taxonomy(dbt_project, on=on)
    with warehouse.connect("read the uses of columns") as connection:
        uses = read_uses(connection)
    present = [use.declared for use in uses if use.is_present]
    published = published_chart(taxonomy)
    return Regenerated(
        on=on,
        columns=len({(use.relation, use.column) for use in present}),
        pairs=tuple(rows_side_by_side(published, warehouse_chart(taxonomy, present))),
        parties_of_every_category=tuple(entry.label for entry in published.parties_of_every_category),
        differences=differences(taxonomy, uses),
    )


def read_uses(connection: Connection) -> tuple[Use, ...]:
    """Return the uses that the last night wrote.

    Raises:
        WarehouseError: there are none.

    """
    rows = []
    if connection.execute("select to_regclass(%s) is not null", ["governance.column_uses"]).fetchone() == (True,):
        rows = connection.execute(
            "select category, pi_kind, source, purpose, party, relation, column_name, sensitive_kind,"
            " is_present from governance.column_uses order by relation, column_name"
        ).fetchall()
    if not rows:
        raise WarehouseError(
            "governance.column_uses holds no use of a column: no night has tagged this warehouse yet. "
            "Run govern nightly (or govern demo), then this again."
        )
    names = ("category", "pi_kind", "source", "purpose", "party", "relation", "column")
    return tuple(Use(DeclaredUse(**dict(zip(names, row, strict=False))), row[7], row[8]) for row in rows)


def _uses(source: Source, column: Column, taxonomy: Taxonomy, *, is_present: bool) -> tuple[Use, ...]:
    kind = sensitive_kind(source, column, taxonomy)
    if column.meta.get("ccpa_category") is None and column.meta.get("pi_kind") is None:
        return ()
    try:
        declared = uses_of_column(
            taxonomy, source.relation, column.name, table_meta=source.meta, column_meta=column.meta
        )
    except DeclarationError as error:
        raise DeclarationError(f"{source.file}: {error}") from None
    return tuple(Use(use, kind, is_present) for use in declared)


def _difference(difference: ChartDifference, relation: str | None = None, column: str | None = None) -> Difference:
    return Difference(
        breach=difference.breach,
        category=difference.category,
        aspect=difference.aspect,
        member=difference.member,
        relation=relation,
        column=column,
        awaited=(),
        message=difference.message,
    )


def _awaited(difference: ChartDifference, taxonomy: Taxonomy, awaited: Iterable[DeclaredUse]) -> Difference:
    """Return a disclosure that only missing tables would back, with the fix that fits it."""
    relations = sorted(
        {
            use.relation
            for use in awaited
            if use.category == difference.category
            and (difference.aspect is None or getattr(use, difference.aspect) == difference.member)
        }
    )
    told = {category.name: category.label for category in taxonomy.categories}
    what = "this category"
    if difference.aspect is not None and difference.member is not None:
        what = f'{difference.aspect} "{taxonomy.terms(difference.aspect)[difference.member].label}"'
    message = (
        f"{told[difference.category]}: the notice discloses {what}; the warehouse lacks what declares it: "
        f"{', '.join(relations)}. Load it."
    )
    return Difference(
        breach=difference.breach,
        category=difference.category,
        aspect=difference.aspect,
        member=difference.member,
        relation=None,
        column=None,
        awaited=tuple(relations),
        message=message,
    )


def _of(breach: Breach, found: Iterable[ChartDifference]) -> list[ChartDifference]:
    return [each for each in found if each.breach is breach]


def _key(difference: ChartDifference) -> tuple[str, str | None, str | None]:
    return difference.category, difference.aspect, difference.member
