"""What the report asks about the release: what it discloses, what it still tells, and what it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg import sql

from privacy_governance.report.facts import Figures
from privacy_governance.report.questions import Question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from privacy_governance.report.asking import Inquiry
    from privacy_governance.report.facts import Release

# lower ends of the sizes that are counted together; 5 is the smallest class of the shipped policy
SIZES = (1, 2, 3, 4, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True)
class Measured:
    """A measure of one table of the night's candidate; None where it was not counted."""

    relation: str
    measure: str
    value: float | None


@dataclass(frozen=True)
class ClassSizes:
    """Classes of a released table with at least `least` and fewer than the next size's subjects."""

    relation: str
    least: int
    classes: int
    subjects: int


@dataclass(frozen=True)
class NearResearch:
    """A personal column that the candidate reads: into which of its columns, or only to decide about its rows."""

    relation: str
    column: str
    identifiability: str
    categories: tuple[str, ...]
    path: tuple[str, ...]
    into: tuple[str, ...]
    decides: bool


# of one table's release; shares and risks lie between 0 and 1
RISKS = {
    "prosecutor_risk": "highest chance to name a row of somebody who is known to be in it",
    "journalist_risk": "the same, of somebody who is known to be in the source",
    "marketer_risk": "expected share of its rows that are named rightly",
    "uniqueness": "share of its rows that are alone in their class",
}
LOSSES = {
    "suppressed_share": "share of the source's rows that are left out",
    "granularity_loss": "mean over all cells of values shown as one, of all there are; 1 for a row left out",
    "marginals_moved": "mean distance of a column's distribution from the source's",
    "correlations_moved": "mean change of the correlation of two columns",
}
OTHER_MEASURES = {
    "smallest_class": "rows in the smallest class: k",
    "smallest_diversity": "distinct sensitive values in the least diverse class: l",
    "largest_distance": "distance of a class's sensitive values from all of them, at most: t",
    "source_uniqueness": "share of the source's rows whose combination nobody shares",
    "discernibility": "sum of squared class sizes, plus rows left out times rows",
    "marginals_moved_most": "distance of the column that moved most",
    "correlations_moved_most": "change of the two columns that moved most",
}

MEASURES = Question(
    ("governance.release_measures",),
    """
select relation, measure, value
from governance.release_measures
where night = {night}
order by relation, measure
""",
)

NEAR_RESEARCH = Question(
    ("governance.column_tags", "governance.column_edges"),
    r"""
select
    tag.relation,
    tag.column_name,
    tag.identifiability,
    tag.categories,
    tag.path,
    array(
        select distinct split_part(flows.output_relation, '.', 2) || '.' || flows.output_column
        from governance.column_edges as flows
        where
            flows.output_relation like 'research\_candidate.%'
            and flows.kind = 'direct'
            and flows.source_relation = tag.relation
            and flows.source_column = tag.column_name
        order by 1
    ),
    exists (
        select 1 from governance.column_edges as decides
        where
            decides.output_relation like 'research\_candidate.%'
            and decides.kind = 'indirect'
            and decides.source_relation = tag.relation
            and decides.source_column = tag.column_name
    )
from governance.column_tags as tag
where
    tag.identifiability not in ('none', 'aggregate')
    and exists (
        select 1 from governance.column_edges as edge
        where
            edge.output_relation like 'research\_candidate.%'
            and edge.source_relation = tag.relation
            and edge.source_column = tag.column_name
    )
order by
    array_position(array['unknown', 'direct', 'quasi', 'pseudonymous'], tag.identifiability),
    tag.relation,
    tag.column_name
""",
)

CLASSES_OF_TABLE = """select
    {relation} as relation,
    ({sizes}::bigint [])[width_bucket(subjects, {sizes}::bigint [])] as least,
    sum(classes)::bigint as classes,
    sum(classes * subjects)::bigint as subjects
from governance.released_classes({table}, {columns})
group by least"""


def class_sizes(inquiry: Inquiry, manifest: Mapping[str, Any], release: Release | None) -> Figures[ClassSizes]:
    """Count the standing release's classes by size: numbers of classes and subjects, never a row of one."""
    if release is None:
        return Figures((), "", "nothing was ever published from this warehouse.")
    classed = {
        node["name"]: (node["config"].get("meta") or {}).get("quasi_identifiers")
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["name"] in release.relations
    }
    tables = {name: columns for name, columns in sorted(classed.items()) if columns}
    if not tables:
        return Figures((), "", "the dbt project is not compiled, or declares no quasi_identifiers of what is released.")
    text = "\nunion all\n".join(
        inquiry.text(
            sql.SQL(CLASSES_OF_TABLE).format(
                relation=sql.Literal(f"research.{name}"),
                sizes=sql.Literal(list(SIZES)),
                table=sql.Literal(name),
                columns=sql.Literal(list(columns)),
            )
        )
        for name, columns in tables.items()
    )
    text += "\norder by relation, least"
    for name, columns in tables.items():
        lacking = {"subject_token", *columns} - inquiry.columns("research", name)
        if lacking:
            return Figures((), text, f"research.{name} has no {' and no '.join(sorted(lacking))}.")
    return Figures(tuple(ClassSizes(*row) for row in inquiry.rows(text)), text)
