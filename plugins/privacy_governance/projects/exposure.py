"""Hold a project to a schema that must not expose a person: before anything is built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from privacy_governance.algebra import Identifiability
from privacy_governance.errors import DeclarationError
from privacy_governance.lineage.names import written_parts
from privacy_governance.projects.absences import absences
from privacy_governance.projects.masking import read_masking, unfit
from privacy_governance.projects.origins import Origins
from privacy_governance.tagging import column_tags
from privacy_governance.tracing import relations_of

if TYPE_CHECKING:
    from privacy_governance.categories import Taxonomy
    from privacy_governance.manifest import Model
    from privacy_governance.projects.tracing import ProjectTrace
    from privacy_governance.tagging import ColumnTag


@dataclass(frozen=True)
class Exposure:
    """A column of a protected relation that is a direct identifier, or of which nobody knows whether it is one.

    `path` leads from the source's column to this one, each step with its SQL.
    """

    relation: str
    column: str
    file: str
    identifiability: str
    categories: tuple[str, ...]
    path: tuple[str, ...]
    reason: str


def exposed(trace: ProjectTrace, taxonomy: Taxonomy, protected: str) -> tuple[Exposure, ...]:
    """Return the columns of `protected` (a schema, or a folder of models) that are direct identifiers or unknown.

    Tags are those that the sources declare (`config.meta` of a column: pi_kind, ccpa_category, identifiability), moved
    along the trace as at night. What was compiled without a source that its model reads is unknown. A column of a
    research model's input that the project's masking_rules let through too weakly, or leave out, is one as well.

    Raises:
        DeclarationError: nothing is in `protected`, or a declared tag is wrong; says what there is.

    """
    models = {model.relation: model for model in protected_models(trace, protected)}
    manifest = trace.project.manifest
    tags = column_tags(manifest, taxonomy, trace.project.catalog, trace.edges)
    origins = Origins(tags, trace.edges, manifest.seeds)
    found = [
        _exposure(tag if tag.tag else origins.explained(tag), models[tag.relation])
        for tag in tags
        if tag.relation in models and (tag.tag is None or tag.tag.identifiability is Identifiability.DIRECT)
    ]
    absent = [
        Exposure(each.relation, each.column, each.file, "unknown", (), (each.source, each.relation), each.reason)
        for each in absences(trace, models.keys())
    ]
    masked = [
        Exposure(each.relation, each.column, each.file, *_tagged(each.tag), each.reason)
        for each in unfit(read_masking(trace.project.folder / "seeds"), manifest, tags)
    ]
    return (*found, *absent, *masked)


def protected_models(trace: ProjectTrace, protected: str) -> tuple[Model, ...]:
    """Return the models in a schema, or below a folder of models (`marts/research`, or `research` at any depth)."""
    wanted = tuple(part for part in protected.removeprefix("models/").split("/") if part)
    models = relations_of(trace.project.manifest)
    found = tuple(model for model in models if _is_in(model, wanted))
    if not found:
        schemas = sorted({schema for model in models if (schema := _schema(model))})
        folders = sorted({"/".join(model.folder) for model in models if model.folder})
        raise DeclarationError(
            f"no model is in {protected}. Schemas: {', '.join(schemas) or 'none'}; "
            f"folders: {', '.join(folders) or 'none'}."
        )
    return found


def _is_in(model: Model, wanted: tuple[str, ...]) -> bool:
    if len(wanted) == 1 and wanted[0].lower() == _schema(model).lower():
        return True
    starts = range(len(model.folder) - len(wanted) + 1)
    return bool(wanted) and any(model.folder[start : start + len(wanted)] == wanted for start in starts)


def _schema(model: Model) -> str:
    parts = written_parts(model.relation)
    return parts[-2][0] if len(parts) > 1 else ""


def _exposure(tag: ColumnTag, model: Model) -> Exposure:
    return Exposure(tag.relation, tag.column, model.file, *_tagged(tag), tag.reason or "")


def _tagged(tag: ColumnTag | None) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """How identifying a column is, of which categories, and by which path; unknown where it is no column."""
    if tag is None or tag.tag is None:
        return "unknown", (), tag.path if tag else ()
    return str(tag.tag.identifiability), tuple(sorted(tag.tag.categories)), tag.path
