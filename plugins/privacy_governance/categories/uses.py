"""The uses of a column, as the sources YAML declares them: what the notice's chart is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from privacy_governance.categories.terms import Aspect
from privacy_governance.errors import DeclarationError

if TYPE_CHECKING:
    from privacy_governance.categories.taxonomy import Taxonomy

_KEYS = {Aspect.SOURCE: "sources", Aspect.PURPOSE: "purposes", Aspect.PARTY: "parties"}


@dataclass(frozen=True, kw_only=True)
class DeclaredUse:
    """One use of one column, as the sources YAML declares it; `party` is None where nobody receives it."""

    category: str
    pi_kind: str
    source: str
    purpose: str
    party: str | None
    relation: str
    column: str


def uses_of_column(
    taxonomy: Taxonomy,
    relation: str,
    column: str,
    *,
    table_meta: Mapping[str, Any],
    column_meta: Mapping[str, Any],
) -> tuple[DeclaredUse, ...]:
    """Return every use of a column that holds personal information; none of one tagged `ccpa_category: none`.

    `sources`, `purposes` and `parties` are taken from the column's meta, else from the table's. Each is a
    list for everything the table holds, or a mapping of notice category → list where categories in one table
    differ (a form's fields come from you, the address it was sent from by automatic collection).
    `parties: []` says that nobody receives it.

    Raises:
        DeclarationError: a kind or category is wrong, or the meta lacks one of the three for a category.

    """
    where = f"{relation}.{column}"
    if column_meta.get("ccpa_category") == "none":
        return ()
    pairs = taxonomy.placements(column_meta.get("pi_kind"), column_meta.get("ccpa_category"), where=where)
    meta = {**table_meta, **{key: column_meta[key] for key in _KEYS.values() if key in column_meta}}
    uses: list[DeclaredUse] = []
    for kind, category in sorted(pairs):
        sources = _members(meta, Aspect.SOURCE, category, where)
        purposes = _members(meta, Aspect.PURPOSE, category, where)
        parties: list[str | None] = [*_members(meta, Aspect.PARTY, category, where)]
        uses.extend(
            DeclaredUse(
                category=category,
                pi_kind=kind,
                source=source,
                purpose=purpose,
                party=party,
                relation=relation,
                column=column,
            )
            for source, purpose, party in product(sources, purposes, parties or [None])
        )
    return tuple(uses)


def _members(meta: Mapping[str, Any], aspect: Aspect, category: str, where: str) -> list[str]:
    """Return the names that the meta declares for a category; empty for parties only."""
    key = _KEYS[aspect]
    declared = meta.get(key)
    if isinstance(declared, Mapping):
        declared = declared.get(category)
    if isinstance(declared, str):
        declared = [declared]
    if not isinstance(declared, list) or (not declared and aspect is not Aspect.PARTY):
        raise DeclarationError(
            f"{where} has no {key} for {category}. Declare {key} in config.meta of its table in the sources "
            "YAML: a list, or a list for each notice category."
        )
    return [str(name) for name in declared]
