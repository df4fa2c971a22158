"""A tag for every column of every relation: declared at the source, moved along direct edges by the algebra.

What nobody declared is `unknown`, never "not personal"; whatever it flows into is unknown too.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from privacy_governance import disclosures
from privacy_governance.algebra import Identifiability, Tag, join, move
from privacy_governance.categories import Taxonomy, load_taxonomy
from privacy_governance.errors import DeclarationError
from privacy_governance.manifest import Column, Manifest, Source, read_manifest
from privacy_governance.publishing import CANDIDATE, PREVIOUS, RELEASE
from privacy_governance.tracing import SCHEMAS, Edge
from privacy_governance.warehouse.catalog import Schema, columns_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from pathlib import Path

    from privacy_governance.warehouse import Connection, Warehouse

NOTHING = Tag(frozenset(), Identifiability.NONE)
OUR_OWN = ("governance", "audit")


@dataclass(frozen=True)
class ColumnTag:
    """A row of `governance.column_tags`; `tag` None where it is unknown."""

    relation: str
    column: str
    tag: Tag | None
    origin: str
    path: tuple[str, ...]
    reason: str | None


@dataclass(frozen=True)
class Tagged:
    """Counts of one tagging."""

    columns: int
    personal: int
    unknown: int


def tag(warehouse: Warehouse, dbt_project: Path, *, on: date) -> Tagged:
    """Tag every column and replace all tags in one transaction.

    Raises:
        DeclarationError: a declared tag is wrong; names the column, its file and the fix.

    """
    manifest = read_manifest(dbt_project / "target")
    taxonomy = load_taxonomy(dbt_project, on=on)
    with warehouse.connect("tag") as connection:
        catalog = columns_in(connection, SCHEMAS)
        tags = column_tags(manifest, taxonomy, catalog, read_edges(connection))
        _write(connection, tags)
        disclosures.write(connection, taxonomy, disclosures.declared_uses(manifest, taxonomy, catalog), on=on)
    return Tagged(
        columns=len(tags),
        personal=sum(1 for each in tags if each.tag and each.tag.identifiability > Identifiability.NONE),
        unknown=sum(1 for each in tags if each.tag is None),
    )


def column_tags(
    manifest: Manifest, taxonomy: Taxonomy, catalog: Schema, edges: Iterable[Edge]
) -> tuple[ColumnTag, ...]:
    """Return the tag of every column: of sources as declared, of what exists undeclared, of models as derived."""
    tags = {(each.relation, each.column): each for each in _found_tags(manifest, taxonomy, catalog)}
    by_output: defaultdict[str, defaultdict[str, list[Edge]]] = defaultdict(lambda: defaultdict(list))
    for edge in edges:
        if edge.output_column is not None:
            by_output[edge.output_relation][edge.output_column].append(edge)
    for model in manifest.models:
        for name, leading in by_output[model.relation].items():
            releases = _releases_of(model.relation)
            # rows that a release goes on with were tagged when they were derived: they add nothing to its columns' tags
            elsewhere = [edge for edge in leading if edge.source_relation not in releases]
            derived = _derived_tag(model.relation, name, elsewhere, tags)
            tags[model.relation, name] = derived
            for released in releases:
                path = (*derived.path, f"{released}.{name}")
                tags[released, name] = replace(derived, relation=released, path=path)
    return tuple(tags.values())


def _found_tags(manifest: Manifest, taxonomy: Taxonomy, catalog: Schema) -> Iterable[ColumnTag]:
    """Yield the tags of what no model builds: declared sources, and whatever else is in the warehouse."""
    for source in manifest.sources:
        yield from _source_tags(source, taxonomy, catalog.get(source.relation, {}))
    known = {source.relation for source in manifest.sources} | {model.relation for model in manifest.models}
    for relation, columns in catalog.items():
        if relation not in known and not relation.startswith((f"{RELEASE}.", f"{PREVIOUS}.")):
            for column in columns:
                yield _unmodelled_tag(relation, column)


def read_edges(connection: Connection) -> tuple[Edge, ...]:
    """Return every edge of the last trace, in an order that does not hang on where its rows lie.

    Of edges that explain a tag equally well the first does: the same one after every trace.
    """
    rows = connection.execute(
        "select output_relation, output_column, source_relation, source_column, kind, transformation, functions, reason"
        " from governance.column_edges order by 1, 2, 3, 4, 5, 6, 7, 8"
    )
    return tuple(
        Edge(relation, column, source, source_column, kind, transformation, tuple(functions), reason)
        for relation, column, source, source_column, kind, transformation, functions, reason in rows
    )


def _source_tags(source: Source, taxonomy: Taxonomy, existing: Mapping[str, str]) -> Iterable[ColumnTag]:
    if not source.columns and source.meta.get("ccpa_category") == "none":
        for column in existing:
            yield _declared(source, column, NOTHING, source.meta.get("reason"))
        return
    for declared in source.columns.values():
        yield _declared_tag(source, declared, taxonomy)
    for column in existing:
        if column not in source.columns:
            reason = (
                f"Tag it in {source.file} (run govern tags suggest for an entry to paste), "
                "or record an exception in governance_exceptions.csv."
            )
            yield _unknown(source.relation, column, reason)


def _declared_tag(source: Source, column: Column, taxonomy: Taxonomy) -> ColumnTag:
    where = f"{source.relation}.{column.name} in {source.file}"
    category, kind = column.meta.get("ccpa_category"), column.meta.get("pi_kind")
    if category is None and kind is None:
        return _unknown(source.relation, column.name, f"Tag it in {source.file} (run govern tags suggest).")
    if category == "none":
        reason = column.meta.get("reason")
        if not reason:
            raise DeclarationError(
                f"{where} is tagged none without a reason. Add config.meta.reason: why is it not personal?"
            )
        return _declared(source, column.name, NOTHING, reason)
    word = column.meta.get("identifiability")
    try:
        identifiability = Identifiability.parse(str(word))
    except KeyError:
        known = ", ".join(str(each) for each in Identifiability)
        raise DeclarationError(f"{where} has identifiability {word!r}. Use one of {known}.") from None
    return _declared(source, column.name, Tag(taxonomy.resolve(kind, category, where=where), identifiability), None)


def _declared(source: Source, column: str, tag: Tag, reason: str | None) -> ColumnTag:
    return ColumnTag(source.relation, column, tag, "declared", (f"{source.relation}.{column}",), reason)


def _unknown(relation: str, column: str, reason: str) -> ColumnTag:
    return ColumnTag(relation, column, None, "unknown", (f"{relation}.{column}",), reason)


def _unmodelled_tag(relation: str, column: str) -> ColumnTag:
    if relation.partition(".")[0] in OUR_OWN:
        about_us = "Policy, ledger or tags; no personal data."
        return ColumnTag(relation, column, NOTHING, "built in", (f"{relation}.{column}",), about_us)
    reason = (
        "No sources YAML declares the table. Declare it and tag its columns (run govern tags suggest for an entry to "
        "paste) in dbt_project/models/staging/<source>/_<source>__sources.yml, "
        "or record an exception in governance_exceptions.csv."
    )
    return _unknown(relation, column, reason)


def _derived_tag(
    relation: str, column: str, edges: Iterable[Edge], tags: Mapping[tuple[str, str], ColumnTag]
) -> ColumnTag:
    here = f"{relation}.{column}"
    found: list[tuple[Tag, tuple[str, ...], str]] = []
    for edge in edges:
        if edge.kind == "unresolved":
            return _unknown(relation, column, edge.reason or "its origin can't be told")
        if edge.source_relation is None or edge.source_column is None:
            found.append((NOTHING, (), edge.transformation))
            continue
        source = tags.get((edge.source_relation, edge.source_column))
        if source is None or source.tag is None:
            origin = f"{edge.source_relation}.{edge.source_column}"
            return _unknown(relation, column, f"it comes from {origin}, which has no tag")
        tag, reason = moved(source.tag, edge)
        found.append((tag, (*source.path, edge.transformation), reason))
    if not found:
        return _unknown(relation, column, "it comes from nothing but an earlier release of itself")
    _, path, reason = max(found, key=lambda each: each[0].identifiability)
    return ColumnTag(relation, column, join(each[0] for each in found), "derived", (*path, here), reason)


def _releases_of(relation: str) -> tuple[str, ...]:
    """Where a model's table goes when it is published; nowhere unless it is one of the candidate's."""
    if not relation.startswith(f"{CANDIDATE}."):
        return ()
    return tuple(relation.replace(CANDIDATE, schema, 1) for schema in (RELEASE, PREVIOUS))


def moved(source: Tag, edge: Edge) -> tuple[Tag, str]:
    """Return what is left of a source's tag behind an edge, and why: by the algebra, or as what it decides."""
    if edge.kind == "direct":
        return move(source, edge)
    # it chose this column's branch, group or order: what is left of it in the value is at most an attribute
    left = min(source.identifiability, Identifiability.QUASI)
    return Tag(source.categories, left), f"decides through {edge.transformation}"


def _write(connection: Connection, tags: Iterable[ColumnTag]) -> None:
    connection.execute("truncate governance.column_tags")
    with connection.cursor().copy(
        "copy governance.column_tags"
        " (relation, column_name, categories, identifiability, origin, path, reason) from stdin"
    ) as copy:
        for each in tags:
            categories = sorted(each.tag.categories) if each.tag else []
            word = str(each.tag.identifiability) if each.tag else "unknown"
            copy.write_row((each.relation, each.column, categories, word, each.origin, list(each.path), each.reason))
