"""What a scope knows while a query is traced: flows of values, influences, columns, relations."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from privacy_governance.algebra import Identifiability

if TYPE_CHECKING:
    from collections import ChainMap
    from collections.abc import Iterable, Iterator, Mapping

    from sqlglot import exp

K = TypeVar("K")
V = TypeVar("V")

# Of several ways from one source to one output only the first with each ceiling is kept: all the others would tag the
# output alike, and the number of ways can double with every CTE.
FlowKey = tuple[str | None, str, Identifiability, str | None]
InfluenceKey = tuple[str | None, str, str, str | None]


class Step(NamedTuple):
    """What one SELECT did to a value: the expression, and the functions from outermost to the column."""

    expression: exp.Expr
    functions: tuple[str, ...]


class Flow(NamedTuple):
    """A source column's value on its way; `before` is the flow that this step took up."""

    table: str | None
    column: str
    ceiling: Identifiability
    reason: str | None = None
    before: Flow | None = None
    step: Step | None = None

    @property
    def key(self) -> FlowKey:
        """What makes two flows the same for tagging."""
        return self.table, self.column, self.ceiling, self.reason


class Influence(NamedTuple):
    """A source column that decides something: in which clause, and the clause's expression."""

    table: str | None
    column: str
    clause: str
    expression: exp.Expr | None
    reason: str | None


Flows = dict[FlowKey, Flow]
Influences = dict[InfluenceKey, Influence]

NO_FLOWS: Flows = {}
NO_INFLUENCES: Influences = {}


class Col(NamedTuple):
    """A column of a relation: the values that flow into it, and what else decides them. Never changed once made.

    `row`: the relation whose whole row it holds, so that its fields can be told apart again.
    """

    name: str
    flows: Flows
    influences: Influences
    type: str | exp.Expr = ""
    made_by: exp.Expr | None = None
    row: Relation | None = None


def influence_of(flow: Flow, clause: str, expression: exp.Expr | None) -> tuple[InfluenceKey, Influence]:
    """Return the influence that a flow has through a clause, with its key."""
    key = (flow.table, flow.column, clause, flow.reason)
    return key, Influence(flow.table, flow.column, clause, expression, flow.reason)


def as_influences(col: Col, clause: str, expression: exp.Expr | None, into: Influences) -> None:
    """Add to `into` all that flows into or decides a column that a clause reads."""
    for flow in col.flows.values():
        key, influence = influence_of(flow, clause, expression)
        into.setdefault(key, influence)
    if col.influences:
        merge(into, col.influences)


def merge(into: dict[K, V], other: Mapping[K, V]) -> None:
    """Add what `into` does not have yet: the first explanation stays."""
    for key, value in other.items():
        into.setdefault(key, value)


def merged_col(name: str, cols: Iterable[Col]) -> Col:
    """Return one column made of several (a union's branches, a USING column)."""
    flows: Flows = {}
    influences: Influences = {}
    kind: str | exp.Expr = ""
    made_by: exp.Expr | None = None
    for col in cols:
        merge(flows, col.flows)
        merge(influences, col.influences)
        kind = kind or col.type
        made_by = made_by or col.made_by
    return Col(name, flows, influences, kind, made_by)


class Relation:
    """A table, CTE, subquery or function in FROM, seen from outside.

    `open_reason`: why its columns are not all known (None: they are). `elastic`: a function whose every field
    is made of its arguments. `rows`: what decides which rows it has. `compared`: what DISTINCT, UNION, EXCEPT and
    INTERSECT compare of its own columns: each flows to its own output already, so it counts only for a query that
    reads this one.
    """

    __slots__ = ("_columns", "compared", "elastic", "index", "is_base", "open_reason", "rows", "source")

    def __init__(
        self,
        columns: Iterable[Col],
        rows: Influences = NO_INFLUENCES,
        *,
        source: str | None = None,
        open_reason: str | None = None,
        elastic: Col | None = None,
        is_base: bool = False,
        compared: Influences = NO_INFLUENCES,
    ) -> None:
        self._columns = tuple(columns)
        self.compared = compared
        self.rows = rows
        self.source = source
        self.open_reason = open_reason
        self.elastic = elastic
        self.is_base = is_base
        self.index: dict[str, list[Col]] = {}
        for col in self._columns:
            self.index.setdefault(col.name, []).append(col)

    @property
    def columns(self) -> tuple[Col, ...]:
        """Columns in order."""
        return self._columns

    def as_compared(self, clause: str) -> Relation:
        """Return the relation after an operation that compared its rows whole."""
        compared = {**self.compared, **comparing(clause, self._columns)}
        return Relation(self._columns, self.rows, open_reason=self.open_reason, compared=compared)

    def renamed(self, names: list[str]) -> Relation:
        """Return the relation with its leading columns renamed, as `AS t(a, b)` does."""
        if not names:
            return self
        renamed = [col._replace(name=name) for name, col in zip(names, self._columns, strict=False)]
        if self.open_reason and not self._columns and self.elastic is None:
            return self
        return Relation(
            [*renamed, *self._columns[len(renamed) :]],
            self.rows,
            source=self.source,
            open_reason=self.open_reason,
            elastic=self.elastic,
            compared=self.compared,
        )


def comparing(clause: str, columns: Iterable[Col]) -> Influences:
    """Return the influences of an operation that compares whole rows."""
    compared: Influences = {}
    for col in columns:
        as_influences(col, clause, None, compared)
    return compared


class Entry(NamedTuple):
    """A relation under the name that a scope knows it by; `schema` where it was named with one and has no alias."""

    alias: str
    schema: str
    relation: Relation


class JoinTree:
    """One comma-separated item of FROM: its relations in order, and the columns that USING made one."""

    __slots__ = ("entries", "hidden", "merged")

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.merged: dict[str, Col] = {}
        self.hidden: dict[str, set[int]] = {}

    def columns(self) -> Iterator[Col]:
        """Yield what `*` is: the USING columns first, then each relation's rest."""
        yield from self.merged.values()
        for at, entry in enumerate(self.entries):
            for col in entry.relation.columns:
                if at not in self.hidden.get(col.name, ()):
                    yield col

    def visible(self, name: str) -> list[Col]:
        """Return the columns that an unqualified name can mean here."""
        hidden = self.hidden.get(name, ())
        found = [self.merged[name]] if name in self.merged else []
        for at, entry in enumerate(self.entries):
            if at not in hidden:
                found += entry.relation.index.get(name, ())
        return found

    def unify(self, name: str, col: Col) -> None:
        """Make one visible column of all that are called `name`."""
        self.merged = {name: col, **{key: value for key, value in self.merged.items() if key != name}}
        self.hidden[name] = {at for at, entry in enumerate(self.entries) if name in entry.relation.index}


class Scope:
    """The names that one SELECT sees: relations of its FROM, windows, output aliases, and the scopes around it."""

    __slots__ = ("aliases", "ctes", "entries", "parent", "rows", "trees", "windows")

    def __init__(self, parent: Scope | None, ctes: ChainMap[str, Relation]) -> None:
        self.parent = parent
        self.ctes = ctes
        self.entries: dict[str, list[Entry]] = {}
        self.trees: list[JoinTree] = []
        self.rows: Influences = {}
        self.windows: dict[str, exp.Expr] = {}
        self.aliases: dict[str, Col] = {}

    def add(self, entry: Entry) -> None:
        """Add a relation to the current join tree."""
        self.entries.setdefault(entry.alias, []).append(entry)
        self.trees[-1].entries.append(entry)
        merge(self.rows, entry.relation.rows)
        merge(self.rows, entry.relation.compared)
