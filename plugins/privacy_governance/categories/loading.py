"""Loads the taxonomy from the dbt project's seeds, and refuses seeds that contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from privacy_governance.categories.seed_files import Cell, SeedShape, read_seed
from privacy_governance.categories.taxonomy import Taxonomy, suggestion
from privacy_governance.categories.terms import (
    Aspect,
    Disclosure,
    NoticeCategory,
    Party,
    PiKind,
    Purpose,
    SensitiveKind,
    Source,
    StatuteCategory,
)
from privacy_governance.errors import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from pathlib import Path

    from privacy_governance.categories.seed_files import SeedRow

_TERM = {"label": Cell.TEXT, "position": Cell.INTEGER}
_BASES = frozenset({"contract", "consent", "legitimate_interests", "legal_obligation"})
_LETTERS = frozenset("ABCDEFGHIJKL")
_MEMBER_SEED = {
    Aspect.PI_KIND: "pi_kinds",
    Aspect.SOURCE: "sources",
    Aspect.PURPOSE: "purposes",
    Aspect.PARTY: "parties",
}

SHAPES = (
    SeedShape(
        "ccpa_categories",
        dict.fromkeys(("statute_section", "letter", "category_name", "description"), Cell.TEXT),
        # by letter: two texts of the statute are never in force on one day
        key=("letter",),
        accepted={"letter": _LETTERS},
    ),
    SeedShape("notice_categories", {"notice_category": Cell.TEXT, **_TERM}, key=("notice_category",)),
    SeedShape(
        "notice_category_letters",
        {"notice_category": Cell.TEXT, "statute_section": Cell.TEXT},
        key=("notice_category", "statute_section"),
    ),
    SeedShape(
        "pi_kinds",
        {"pi_kind": Cell.TEXT, **_TERM, "notice_section": Cell.TEXT, "notice_words": Cell.TEXT},
        key=("pi_kind",),
    ),
    SeedShape(
        "sensitive_kinds",
        {
            "sensitive_kind": Cell.TEXT,
            "label": Cell.TEXT,
            "letter": Cell.OPTIONAL_TEXT,
            "statute_section": Cell.OPTIONAL_TEXT,
            "is_not_asked_for": Cell.BOOLEAN,
            "notice_words": Cell.OPTIONAL_TEXT,
        },
        key=("sensitive_kind",),
        accepted={"letter": _LETTERS},
    ),
    SeedShape(
        "sources",
        {"source": Cell.TEXT, **_TERM, "notice_section": Cell.TEXT, "description": Cell.TEXT},
        key=("source",),
    ),
    SeedShape(
        "purposes",
        {
            "purpose": Cell.TEXT,
            **_TERM,
            "notice_section": Cell.TEXT,
            "legal_basis": Cell.TEXT,
            "other_legal_basis": Cell.OPTIONAL_TEXT,
            "legal_basis_words": Cell.TEXT,
        },
        key=("purpose",),
        accepted={"legal_basis": _BASES, "other_legal_basis": _BASES},
    ),
    SeedShape(
        "parties",
        {"party": Cell.TEXT, **_TERM, "is_for_every_category": Cell.BOOLEAN, "description": Cell.TEXT},
        key=("party",),
    ),
    SeedShape(
        "notice_disclosures",
        {
            "notice_category": Cell.TEXT,
            "aspect": Cell.TEXT,
            "member": Cell.TEXT,
            "printed_as": Cell.TEXT,
            "position": Cell.INTEGER,
        },
        key=("notice_category", "aspect", "member"),
        accepted={"aspect": frozenset(Aspect)},
    ),
)


def load_taxonomy(dbt_project: Path, *, on: date) -> Taxonomy:
    """Return the taxonomy that is in force on a day.

    Args:
        dbt_project: folder of the dbt project; its `seeds/` is read.
        on: the night's date.

    Raises:
        DeclarationError: names file and line of a seed that is wrong, or what is not declared on that day.

    """
    seeds = {shape.name: read_seed(dbt_project / "seeds", shape) for shape in SHAPES}
    _require_references(seeds)
    now = {name: [row for row in rows if row.is_in_force(on)] for name, rows in seeds.items()}
    for name, rows in now.items():
        if not rows:
            raise DeclarationError(f"{name}.csv has no row in force on {on}. Add one, or choose a later date.")
    statute = {row.text("statute_section"): _statute_category(row) for row in seeds["ccpa_categories"]}
    taxonomy = Taxonomy(
        on=on,
        categories=tuple(
            NoticeCategory(name=r.text("notice_category"), label=r.text("label"), position=r.integer("position"))
            for r in _in_order(now["notice_categories"])
        ),
        kinds=tuple(_kind(row) for row in _in_order(now["pi_kinds"])),
        sensitive_kinds=tuple(_sensitive_kind(row) for row in now["sensitive_kinds"]),
        sources=tuple(_source(row) for row in _in_order(now["sources"])),
        purposes=tuple(_purpose(row) for row in _in_order(now["purposes"])),
        parties=tuple(_party(row) for row in _in_order(now["parties"])),
        disclosures=tuple(_disclosure(row) for row in _in_order(now["notice_disclosures"])),
        statute_categories=tuple(statute.values()),
        category_letters=_letters(seeds["notice_category_letters"], statute),
    )
    _require_whole_chart(taxonomy)
    return taxonomy


def _require_references(seeds: Mapping[str, tuple[SeedRow, ...]]) -> None:
    """Refuse a row that names what its seed does not hold on the same days."""
    for row in seeds["notice_category_letters"]:
        _require_reference(row, "notice_category", seeds["notice_categories"], "notice_category")
        _require_reference(row, "statute_section", seeds["ccpa_categories"], "statute_section")
    for row in seeds["notice_disclosures"]:
        aspect = Aspect(row.text("aspect"))
        _require_reference(row, "notice_category", seeds["notice_categories"], "notice_category")
        _require_reference(row, "member", seeds[_MEMBER_SEED[aspect]], aspect.value)


def _require_reference(row: SeedRow, column: str, targets: tuple[SeedRow, ...], key: str) -> None:
    name = row.text(column)
    named = [target for target in targets if target.text(key) == name]
    if not named:
        known = list(dict.fromkeys(target.text(key) for target in targets))
        raise DeclarationError(f'{row.where}: {column} "{name}" is not in {targets[0].file}. {suggestion(name, known)}')
    if not any(target.covers(row) for target in named):
        raise DeclarationError(
            f'{row.where}: {column} "{name}" is not in force on all of the row\'s days ({named[0].where}). '
            "Bring the periods in line."
        )


def _require_whole_chart(taxonomy: Taxonomy) -> None:
    """Refuse a chart with an empty cell, or a category that stands for no letter of the statute."""
    filled = {(d.category, d.aspect) for d in taxonomy.disclosures}
    for category in taxonomy.categories:
        for aspect in Aspect:
            if (category.name, aspect) not in filled:
                raise DeclarationError(
                    f"notice_disclosures.csv has no {aspect} for {category.name} on {taxonomy.on}. "
                    "Add what the notice prints in that cell."
                )
        if category.name not in taxonomy.category_letters or not taxonomy.letters(category.name):
            raise DeclarationError(
                f"notice_category_letters.csv has no letter for {category.name} on {taxonomy.on}. Add one."
            )


def _letters(
    rows: tuple[SeedRow, ...], statute: Mapping[str, StatuteCategory]
) -> Mapping[str, tuple[StatuteCategory, ...]]:
    """Return each notice category's statute categories, cut to the period of the row that maps them."""
    found: dict[str, list[StatuteCategory]] = {}
    for row in rows:
        category = statute[row.text("statute_section")]
        period = StatuteCategory(
            statute_section=category.statute_section,
            letter=category.letter,
            name=category.name,
            description=category.description,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        found.setdefault(row.text("notice_category"), []).append(period)
    return {name: tuple(categories) for name, categories in found.items()}


def _in_order(rows: Iterable[SeedRow]) -> list[SeedRow]:
    return sorted(rows, key=lambda row: row.integer("position"))


def _statute_category(row: SeedRow) -> StatuteCategory:
    return StatuteCategory(
        statute_section=row.text("statute_section"),
        letter=row.text("letter"),
        name=row.text("category_name"),
        description=row.text("description"),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def _kind(row: SeedRow) -> PiKind:
    return PiKind(
        name=row.text("pi_kind"),
        label=row.text("label"),
        position=row.integer("position"),
        notice_section=row.text("notice_section"),
        notice_words=row.text("notice_words"),
    )


def _sensitive_kind(row: SeedRow) -> SensitiveKind:
    return SensitiveKind(
        name=row.text("sensitive_kind"),
        label=row.text("label"),
        letter=row.optional("letter"),
        statute_section=row.optional("statute_section"),
        is_not_asked_for=row.boolean("is_not_asked_for"),
        notice_words=row.optional("notice_words"),
    )


def _source(row: SeedRow) -> Source:
    return Source(
        name=row.text("source"),
        label=row.text("label"),
        position=row.integer("position"),
        notice_section=row.text("notice_section"),
        description=row.text("description"),
    )


def _purpose(row: SeedRow) -> Purpose:
    return Purpose(
        name=row.text("purpose"),
        label=row.text("label"),
        position=row.integer("position"),
        notice_section=row.text("notice_section"),
        legal_basis=row.text("legal_basis"),
        other_legal_basis=row.optional("other_legal_basis"),
        legal_basis_words=row.text("legal_basis_words"),
    )


def _party(row: SeedRow) -> Party:
    return Party(
        name=row.text("party"),
        label=row.text("label"),
        position=row.integer("position"),
        is_for_every_category=row.boolean("is_for_every_category"),
        description=row.text("description"),
    )


def _disclosure(row: SeedRow) -> Disclosure:
    return Disclosure(
        category=row.text("notice_category"),
        aspect=Aspect(row.text("aspect")),
        member=row.text("member"),
        printed_as=row.text("printed_as"),
        position=row.integer("position"),
    )
