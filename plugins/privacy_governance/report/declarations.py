"""What the dbt project declares beside the warehouse: the rules' words, and the notice's other side."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from privacy_governance.categories import load_taxonomy, uses_of_column
from privacy_governance.errors import DeclarationError
from privacy_governance.notice import compare, published_chart, rows_side_by_side, warehouse_chart
from privacy_governance.report.facts import ChartCell, Figures

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

CHART_SQL = """
-- the published side; the warehouse's side is config.meta of dbt_project/models/staging/*/_*__sources.yml
select category.label, cell.aspect, string_agg(cell.printed_as, '; ' order by cell.position)
from governance.notice_categories as category
inner join governance.notice_disclosures as cell on category.notice_category = cell.notice_category
where
    {night} >= cell.valid_from and (cell.valid_to is null or {night} < cell.valid_to)
group by category.label, category.position, cell.aspect
order by category.position, cell.aspect
"""


@dataclass(frozen=True)
class RuleWords:
    """What a violation model's YAML says about its rule."""

    what: str
    why: str
    remedy: str


def read_project(dbt_project: Path) -> dict[str, Any]:
    """Return dbt's manifest; empty where the project was not compiled."""
    file = dbt_project / "target" / "manifest.json"
    if not file.is_file():
        return {"nodes": {}, "sources": {}}
    manifest: dict[str, Any] = json.loads(file.read_text())
    return manifest


def rules_of(manifest: dict[str, Any]) -> dict[str, RuleWords]:
    """Return the words of every violation model, by name."""
    found = {}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["name"].startswith("violation_"):
            meta = node["config"].get("meta") or {}
            found[node["name"]] = RuleWords(
                *(str(meta.get(key, "not said in its YAML")) for key in ("what", "why", "remedy"))
            )
    return found


def chart_of(
    manifest: dict[str, Any], dbt_project: Path, night: date, text: str
) -> tuple[Figures[ChartCell], tuple[str, ...], tuple[str, ...]]:
    """Return the notice's chart beside the declared one, every difference, and the parties of every category.

    `text` is the chart's SQL.
    """
    sources = [source for source in manifest["sources"].values() if source["schema"] == "raw"]
    if not sources:
        return Figures((), text, "the dbt project is not compiled, so nothing says what the warehouse holds."), (), ()
    try:
        taxonomy = load_taxonomy(dbt_project, on=night)
        uses = [
            use
            for source in sources
            for column in source["columns"].values()
            for use in uses_of_column(
                taxonomy,
                f"{source['schema']}.{source['identifier']}",
                column["name"],
                table_meta=_meta(source),
                column_meta=_meta(column),
            )
        ]
        published, lived = published_chart(taxonomy), warehouse_chart(taxonomy, uses)
    except DeclarationError as error:
        return Figures((), text, f"the declarations do not allow a comparison: {error}"), (), ()
    cells = tuple(ChartCell(*pair) for pair in rows_side_by_side(published, lived))
    differences = tuple(difference.message for difference in compare(published, lived))
    return Figures(cells, text), differences, tuple(party.label for party in published.parties_of_every_category)


def _meta(declared: dict[str, Any]) -> dict[str, Any]:
    return (declared.get("config") or {}).get("meta") or declared.get("meta") or {}
