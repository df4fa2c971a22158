"""Where an unknown column begins: the path from the first column that nobody can tell of, and its reason."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from privacy_governance.tagging import ColumnTag
    from privacy_governance.tracing import Edge

UNTAGGED_SEED = "Tag it in the YAML of the seed's folder, as a source's column is tagged."


class Origins:
    """Follows unknown columns upstream, along the edges whose source is unknown too."""

    def __init__(self, tags: Iterable[ColumnTag], edges: Iterable[Edge], seeds: Collection[str]) -> None:
        self._tags = {
            (tag.relation, tag.column): replace(tag, reason=UNTAGGED_SEED) if tag.relation in seeds else tag
            for tag in tags
        }
        self._leading: dict[tuple[str, str], list[Edge]] = {}
        for edge in edges:
            if edge.output_column is not None:
                self._leading.setdefault((edge.output_relation, edge.output_column), []).append(edge)

    def explained(self, tag: ColumnTag) -> ColumnTag:
        """Return an unknown tag with the path from its first unknown column, and that column's reason."""
        at = (tag.relation, tag.column)
        path = [".".join(at)]
        reason = tag.reason
        seen = {at}
        while (edge := self._unknown_edge(at)) is not None and edge.source_relation and edge.source_column:
            at = (edge.source_relation, edge.source_column)
            if at in seen:
                break
            seen.add(at)
            path = [".".join(at), edge.transformation, *path]
            known = self._tags.get(at)
            reason = known.reason if known and known.reason else f"{'.'.join(at)} has no tag. Declare it and tag it."
        return replace(tag, path=tuple(path), reason=reason)

    def _unknown_edge(self, column: tuple[str, str]) -> Edge | None:
        for edge in self._leading.get(column, ()):
            if edge.kind == "unresolved":
                return None  # the reason is the column's own
            if edge.source_relation is not None and edge.source_column is not None:
                known = self._tags.get((edge.source_relation, edge.source_column))
                if known is None or known.tag is None:
                    return edge
        return None
