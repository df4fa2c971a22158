"""Why a column has its tag: the paths from source columns to it, step by step, and the filters on the way.

Walks back from the column over the edges. An edge's effect is a ceiling and ceilings compose by their minimum, so a
column reached again under the same ceiling, of the same kind, is not walked again: the cost is linear in the edges,
however many diamonds the lineage has.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING

from privacy_governance.algebra import Identifiability, Tag
from privacy_governance.errors import DeclarationError, WarehouseError
from privacy_governance.manifest import quoted
from privacy_governance.publishing import CANDIDATE, PREVIOUS, RELEASE
from privacy_governance.tagging import ColumnTag, moved, read_edges
from privacy_governance.tracing import Edge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from privacy_governance.warehouse import Connection

PUBLISHED = "published"

DECIDES = "it only decides: what is left of it is an attribute at most"

Node = tuple[str, str]


@dataclass(frozen=True)
class Step:
    """One edge of a path: what it does to the value, and to its identifiability (None: unknown)."""

    relation: str
    column: str
    kind: str
    transformation: str
    before: Identifiability | None
    after: Identifiability | None
    reason: str


@dataclass(frozen=True)
class Path:
    """How one column comes to bear on another; `start` is its tag, with tag None where it is unknown."""

    start: ColumnTag
    steps: tuple[Step, ...]

    @property
    def is_indirect(self) -> bool:
        """Whether somewhere on the way the value only decides: a branch, an order, a group."""
        return any(step.kind != "direct" for step in self.steps)

    @property
    def after(self) -> Identifiability | None:
        """Identifiability at the end of the path."""
        if self.steps:
            return self.steps[-1].after
        return self.start.tag.identifiability if self.start.tag else None


@dataclass(frozen=True)
class Filter:
    """A clause that decides which rows of a relation there are: it bears on every column of it."""

    relation: str
    clause: str
    columns: tuple[ColumnTag, ...]


@dataclass(frozen=True)
class Gap:
    """A place where the lineage could not be resolved, and why."""

    relation: str
    column: str
    reason: str


@dataclass(frozen=True)
class Explanation:
    """A column's tag and what led to it.

    `paths`: one for each source column, its strongest and of those its shortest; the strongest source first.
    `computed`: expressions on the way that no column flows into (constants, `count(*)`), with their place.
    """

    tag: ColumnTag
    paths: tuple[Path, ...]
    has_more_paths: bool
    filters: tuple[Filter, ...]
    computed: tuple[Gap, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class Lineage:
    """All edges by the column they lead to, and all tags."""

    edges: Mapping[Node, Sequence[Edge]]
    row_edges: Mapping[str, Sequence[Edge]]
    tags: Mapping[Node, ColumnTag]

    def into(self, node: Node) -> Sequence[Edge]:
        """Return the edges into a column; into one of the release, the one that publishing is."""
        relation, column = node
        schema, _, name = relation.partition(".")
        candidate = (f"{CANDIDATE}.{name}", column)
        if schema in {RELEASE, PREVIOUS} and candidate in self.tags:
            return (Edge(*node, *candidate, "direct", PUBLISHED, (), None),)
        return self.edges.get(node, ())

    def tag(self, node: Node) -> ColumnTag:
        """Return a column's tag; an unknown one for a column that isn't there any more."""
        relation, column = node
        gone = ColumnTag(relation, column, None, "unknown", (), "it was not there when columns were last tagged")
        return self.tags.get(node, gone)


def read_tags(connection: Connection) -> tuple[ColumnTag, ...]:
    """Return every tag of the last night, by relation and column.

    Raises:
        WarehouseError: no night has tagged this warehouse yet.

    """
    rows = []
    if connection.execute("select to_regclass(%s) is not null", ["governance.column_tags"]).fetchone() == (True,):
        rows = connection.execute(
            "select relation, column_name, categories, identifiability, origin, path, reason"
            " from governance.column_tags order by relation, column_name"
        ).fetchall()
    if not rows:
        raise WarehouseError(
            "governance.column_tags holds no tag: no night has tagged this warehouse yet. "
            "Run govern nightly (or govern demo), then this again."
        )
    return tuple(
        ColumnTag(
            relation,
            column,
            None if word == "unknown" else Tag(frozenset(categories), Identifiability.parse(word)),
            origin,
            tuple(path),
            reason,
        )
        for relation, column, categories, word, origin, path, reason in rows
    )


def read_lineage(connection: Connection) -> Lineage:
    """Return the edges and tags of the last night.

    Raises:
        WarehouseError: no night has tagged this warehouse yet.

    """
    tags = read_tags(connection)
    return lineage(read_edges(connection), tags)


def lineage(edges: Iterable[Edge], tags: Iterable[ColumnTag]) -> Lineage:
    """Return edges and tags in the order in which they are asked for."""
    into: defaultdict[Node, list[Edge]] = defaultdict(list)
    on_rows: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        if edge.output_column is None:
            on_rows[edge.output_relation].append(edge)
        else:
            into[edge.output_relation, edge.output_column].append(edge)
    return Lineage(into, on_rows, {(each.relation, each.column): each for each in tags})


def find_column(name: str, tags: Iterable[ColumnTag]) -> ColumnTag:
    """Return the tag of `schema.relation.column`, its parts quoted as in SQL or not at all.

    Raises:
        DeclarationError: no such column; names the closest, or the columns of the relation.

    """
    named: dict[str, ColumnTag] = {}
    for tag in tags:
        named[f"{tag.relation}.{quoted(tag.column)}"] = tag
        named.setdefault(f"{tag.relation}.{tag.column}", tag)
        named.setdefault(f"{tag.relation}.{tag.column}".replace('"', ""), tag)
    if name in named:
        return named[name]
    columns = [quoted(tag.column) for tag in named.values() if tag.relation == name]
    if columns:
        listed = ", ".join(dict.fromkeys(columns))
        raise DeclarationError(f"{name} is a relation. Name one of its columns: {name}.<column>, with {listed}.")
    ends = [full for full in named if full.endswith(f".{name}")]
    close = ends[:5] or get_close_matches(name, named, n=3, cutoff=0.6)
    hint = f"Did you mean {' or '.join(close)}?" if close else "govern tags list prints them all."
    raise DeclarationError(f"{name} is no column that the last night tagged. {hint}")


def explain(relation: str, column: str, known: Lineage) -> Explanation:
    """Return the tag of a column, and of each of its sources the path that says most."""
    walked = _walk((relation, column), known)
    best: dict[Node, Path] = {}
    for path in (_path(edges, known) for edges in walked.chains):
        source = (path.start.relation, path.start.column)
        if source not in best or _rank(path) < _rank(best[source]):
            best[source] = path
    paths = tuple(sorted(best.values(), key=_rank))
    on_the_way = dict.fromkeys(step.relation for path in paths for step in path.steps)
    return Explanation(
        tag=known.tag((relation, column)),
        paths=paths,
        has_more_paths=len(tuple(islice(every_path(relation, column, known), len(paths) + 1))) > len(paths),
        filters=tuple(clause for each in on_the_way for clause in _filters(each, known)),
        computed=walked.computed,
        gaps=(*walked.gaps, *(gap for each in on_the_way for gap in _row_gaps(each, known))),
    )


def every_path(relation: str, column: str, known: Lineage) -> Iterator[Path]:
    """Yield every path to a column, depth first; their number doubles with each diamond on the way."""
    stack: list[tuple[Edge, ...]] = [(edge,) for edge in known.into((relation, column))]
    while stack:
        taken = stack.pop()
        source = _source(taken[0])
        if source is None:
            continue
        further = known.into(source)
        if not further:
            yield _path(taken, known)
        passed = {(edge.output_relation, edge.output_column) for edge in taken}
        stack += [(edge, *taken) for edge in further if source not in passed]


@dataclass(frozen=True)
class _State:
    """Where a walk back stands: a column, the ceiling that lies between it and the target, and of what kind."""

    node: Node
    ceiling: Identifiability
    is_direct: bool

    def back(self, edge: Edge, source: Node) -> _State:
        left, _ = moved(Tag(frozenset(), Identifiability.DIRECT), edge)
        return _State(source, min(self.ceiling, left.identifiability), self.is_direct and edge.kind == "direct")


@dataclass(frozen=True)
class _Walked:
    """What a walk back found: the edges from each source, and where no column flows or none can be told."""

    chains: tuple[tuple[Edge, ...], ...]
    computed: tuple[Gap, ...]
    gaps: tuple[Gap, ...]


def _walk(target: Node, known: Lineage) -> _Walked:
    """Walk back breadth first: a state is first reached by the shortest way."""
    start = _State(target, Identifiability.DIRECT, is_direct=True)
    onward: dict[_State, tuple[_State, Edge] | None] = {start: None}
    ends, computed, gaps = [], {}, {}
    queue = deque([start])
    while queue:
        state = queue.popleft()
        edges = known.into(state.node)
        if not edges and state != start:
            ends.append(state)
        for edge in edges:
            source = _source(edge)
            if edge.kind == "unresolved":
                gaps[state.node] = Gap(*state.node, edge.reason or "its origin can't be told")
            elif source is None:
                computed[state.node] = Gap(*state.node, edge.transformation)
            elif (before := state.back(edge, source)) not in onward:
                onward[before] = (state, edge)
                queue.append(before)
    return _Walked(tuple(_chain(end, onward) for end in ends), tuple(computed.values()), tuple(gaps.values()))


def _chain(end: _State, onward: Mapping[_State, tuple[_State, Edge] | None]) -> tuple[Edge, ...]:
    edges = []
    here = onward[end]
    while here is not None:
        state, edge = here
        edges.append(edge)
        here = onward[state]
    return tuple(edges)


def _source(edge: Edge) -> Node | None:
    if edge.kind == "unresolved" or edge.source_relation is None or edge.source_column is None:
        return None
    return edge.source_relation, edge.source_column


def _path(edges: Sequence[Edge], known: Lineage) -> Path:
    """Return the path along these edges, moving the tag of its start."""
    first = edges[0]
    start = known.tag((first.source_relation or "", first.source_column or ""))
    tag = start.tag
    steps = []
    for edge in edges:
        before = tag
        reason = "its tag is unknown, so this one is"
        if before is not None:
            tag, reason = moved(before, edge)
        steps.append(
            Step(
                edge.output_relation,
                edge.output_column or "",
                edge.kind,
                edge.transformation,
                before.identifiability if before else None,
                tag.identifiability if tag else None,
                reason if edge.kind == "direct" or before is None else DECIDES,
            )
        )
    return Path(start, tuple(steps))


def _rank(path: Path) -> tuple[int, bool, int, str, str]:
    """Return what sorts paths: unknown before all, then the more identifying, direct before indirect, the shorter."""
    level = len(Identifiability) if path.after is None else int(path.after)
    return -level, path.is_indirect, len(path.steps), path.start.relation, path.start.column


def _filters(relation: str, known: Lineage) -> Iterator[Filter]:
    """Yield the clauses that decide about a relation's rows, each once, with all of its columns."""
    clauses: defaultdict[str, dict[Node, ColumnTag]] = defaultdict(dict)
    for edge in known.row_edges.get(relation, ()):
        source = _source(edge)
        if source is not None:
            clauses[edge.transformation][source] = known.tag(source)
    for clause, columns in clauses.items():
        yield Filter(relation, clause, tuple(columns.values()))


def _row_gaps(relation: str, known: Lineage) -> Iterator[Gap]:
    for edge in known.row_edges.get(relation, ()):
        if edge.kind == "unresolved":
            yield Gap(relation, "*", edge.reason or "its origin can't be told")
