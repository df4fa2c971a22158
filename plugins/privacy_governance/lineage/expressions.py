"""What flows through an expression, and what decides it: one walk over each expression's tree."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from sqlglot import exp

from privacy_governance.algebra import KEYED_TOKEN, Identifiability, effect_of
from privacy_governance.lineage.functions import SET_RETURNING, TIME_UNITS, keyed_message, name_of, reading_function
from privacy_governance.lineage.names import SYSTEM_COLUMNS, real_name
from privacy_governance.lineage.parts import PARTS, window_parts
from privacy_governance.lineage.relations import (
    NO_FLOWS,
    NO_INFLUENCES,
    Col,
    Entry,
    Flow,
    Flows,
    Influences,
    Relation,
    Scope,
    Step,
    as_influences,
    merge,
    merged_col,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Functions = tuple[str, ...]
# A node to read, the functions around it, and the clause through which it decides (None: its value flows).
Task = tuple[exp.Expr, Functions, str | None]

_LEAVES = (
    exp.Literal,
    exp.Null,
    exp.Boolean,
    exp.Identifier,
    exp.Var,
    exp.Star,
    exp.DataType,
    exp.JSONPath,
    exp.WindowSpec,
    exp.Placeholder,
    exp.Parameter,
    exp.HexString,
    exp.ByteString,
    exp.RawString,
    exp.National,
)
# sqlglot makes a bare word in capitals of their unit or time zone, be it a literal or a column.
_WITH_WORDS = (exp.TimestampTrunc, exp.DateTrunc, exp.DateAdd, exp.Extract)
_FIRST_ASKED = (exp.Dot, exp.Anonymous, exp.Var)
_KEYED_ROOTS = (exp.Encode, exp.SHA2Digest)


class Expressions(ABC):
    """Reads expressions in a scope; a tracer of queries is built on it."""

    def __init__(self, fold: Callable[[str, bool], str], *, sees_aliases: bool) -> None:
        self.fold = fold
        self.sees_aliases = sees_aliases
        self.failures: Flows = {}
        self.multiplies = False  # whether a set-returning function has been read since this was last cleared

    @abstractmethod
    def subquery(self, node: exp.Expr, scope: Scope) -> Relation:
        """Return the relation of a query nested in an expression."""

    def failure(self, name: str, table: str | None, column: str, reason: str) -> Col:
        """Return a column of which nothing is known but the reason, and note that the trace has one."""
        flow = Flow(table, column, Identifiability.DIRECT, reason)
        self.failures.setdefault(flow.key, flow)
        return Col(name, {flow.key: flow}, NO_INFLUENCES)

    def evaluate(self, node: exp.Expr, scope: Scope, name: str) -> Col:
        """Return the column that an expression makes."""
        row: Relation | None = None
        if isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
            col, is_row = self.column(node, scope)
            if not is_row:
                return col if col.name == name else col._replace(name=name)
            row = col.row
        if isinstance(node, exp.Literal | exp.Null | exp.Boolean):
            return Col(name, NO_FLOWS, NO_INFLUENCES, made_by=node)
        flows: Flows = {}
        influences: Influences = {}
        self._walk(node, scope, None, flows, influences)
        kind: str | exp.Expr = node.args["to"] if isinstance(node, exp.Cast) else ""
        return Col(name, flows, influences, kind, node, row)

    def decide(self, node: exp.Expr, scope: Scope, clause: str, into: Influences) -> None:
        """Add all that an expression reads as deciding through a clause; each conjunct explains itself."""
        conjuncts = [node]
        while conjuncts:
            part = conjuncts.pop()
            if isinstance(part, exp.And):
                conjuncts += (part.expression, part.this)
            elif isinstance(part, exp.Column) and not isinstance(part.this, exp.Star):
                as_influences(self.column(part, scope)[0], clause, part, into)
            else:
                self._walk(part, scope, clause, {}, into)

    def _walk(self, root: exp.Expr, scope: Scope, clause: str | None, flows: Flows, influences: Influences) -> None:
        steps: dict[Functions, tuple[Step, Identifiability]] = {}
        tasks: list[Task] = [(root, (), clause)]
        while tasks:
            node, functions, deciding = tasks.pop()
            if isinstance(node, exp.Column):
                col, is_row = self.column(node, scope)
                if is_row:
                    functions = (*functions, "row")
            elif isinstance(node, exp.Query):
                col = self._scalar(node, scope, influences)
            elif isinstance(node, exp.Exists):
                merge(influences, self.subquery(node.this, scope).rows)
                continue
            elif isinstance(node, _FIRST_ASKED) and (known := self._unopened(node, scope)) is not None:
                col = known
            elif isinstance(node, _LEAVES):
                continue
            else:
                self._open(node, functions, deciding, scope, tasks)
                continue
            if deciding is not None:
                as_influences(col, deciding, root, influences)
                continue
            _pass(col, functions, root, steps, flows)
            if col.influences:
                merge(influences, col.influences)

    def _unopened(self, node: exp.Expr, scope: Scope) -> Col | None:
        """Return the column that is not made of the node's parts: a row's field, what a function reads by itself."""
        if isinstance(node, exp.Var):
            return self._named_by(node, scope) if isinstance(node.parent, _WITH_WORDS) else None
        if isinstance(node, exp.Dot) and (field := self._field(node, scope)) is not None:
            return field
        name = None if self.sees_aliases else reading_function(node)
        if name is None:
            return None
        return self.failure("*", f"{name}()", "*", f"the function {name}() is not known: it may read tables")

    def _named_by(self, word: exp.Var, scope: Scope) -> Col:
        """Return the column that gives a unit or time zone; without flows where FROM has none of that name.

        `date_trunc('month', …)` beside a column `month` is the unit: no such column holds names of units.
        """
        named: list[Col] = []
        level: Scope | None = None if word.name in TIME_UNITS else scope
        while level is not None:
            named += [col for tree in level.trees for col in tree.columns() if col.name.upper() == word.name]
            level = level.parent
        return merged_col(word.name, named)

    def _scalar(self, node: exp.Expr, scope: Scope, influences: Influences) -> Col:
        relation = self.subquery(node, scope)
        merge(influences, relation.rows)
        return relation.columns[0] if len(relation.columns) == 1 else merged_col("", relation.columns)

    def _open(
        self, node: exp.Expr, functions: Functions, deciding: str | None, scope: Scope, tasks: list[Task]
    ) -> None:
        """Push what an operator or function reads, each part with what it does to the result."""
        if isinstance(node, _KEYED_ROOTS):
            message = keyed_message(node.this if isinstance(node, exp.Encode) else node)
            if message is not None:
                tasks += [(part, (*functions, KEYED_TOKEN), deciding) for part in message]
                return
        if isinstance(node, exp.Dot) and isinstance(node.expression, exp.Func):
            call = node.expression
            name = f"{node.this.name}.{name_of(call)}".removeprefix("pg_catalog.")
            tasks += [(child, (*functions, name), deciding) for child in call.iter_expressions()]
            return
        name = name_of(node)
        if name == "grouping":
            return  # it names columns of the grouping set, and reads none
        if name in SET_RETURNING:
            self.multiplies = True
        if name and (not functions or functions[-1] != name):
            functions = (*functions, name)
        parts = PARTS.get(type(node))
        if parts is None:
            children = [(child, functions, deciding) for child in node.iter_expressions()]
        else:
            children = [(child, functions, deciding or how) for child, how in parts(node)]
        if isinstance(node, exp.Window) and (named := node.args.get("alias")) is not None:
            window = scope.windows.get(real_name(named, self.fold))
            if window is not None:
                children += [(child, functions, deciding or how) for child, how in window_parts(window) if how]
        tasks += reversed(children)

    def _row_of(self, node: exp.Expr, scope: Scope) -> Relation | None:
        """Return the relation whose row an expression is, None where it is no whole row."""
        node = node.unnest()
        if isinstance(node, exp.Column) and not isinstance(node.this, exp.Star):
            return self.column(node, scope)[0].row
        if isinstance(node, exp.Dot):
            field = self._field(node, scope)
            return field.row if field else None
        return None

    def _field(self, node: exp.Dot, scope: Scope) -> Col | None:
        """Return the column that `(t).name` means, None for the field of anything but a whole row."""
        if not isinstance(node.expression, exp.Identifier):
            return None
        relation = self._row_of(node.this, scope)
        if relation is None:
            return None
        return self._member(Entry(node.this.unnest().name, "", relation), real_name(node.expression, self.fold))

    def column(self, node: exp.Column, scope: Scope) -> tuple[Col, bool]:
        """Return the column that a reference means, and whether it means the whole row of a relation."""
        parts = node.args
        table = parts.get("table")
        if isinstance(parts["this"], exp.Star):
            entry, problem = self.entry(node, scope)
            return (self._row(entry), True) if entry else (problem, False)
        name = real_name(parts["this"], self.fold)
        if table is not None:
            entry, problem = self.entry(node, scope)
            return (self._member(entry, name) if entry else problem), False
        return self._unqualified(name, scope)

    def _unqualified(self, name: str, scope: Scope) -> tuple[Col, bool]:
        level: Scope | None = scope
        fields: list[Col] = []
        while level is not None:
            col = self._visible(name, level)
            if col is not None:
                return merged_col(name, [*fields, col]) if fields else col, False
            fields += self._possible_fields(name, level)
            level = level.parent
        level = scope
        while level is not None:
            if entries := level.entries.get(name):
                row = self._row(entries[0])
                return merged_col(name, [*fields, row])._replace(row=row.row) if fields else row, True
            level = level.parent
        if fields:
            return merged_col(name, fields) if len(fields) > 1 else fields[0], False
        if name in SYSTEM_COLUMNS:
            return Col(name, NO_FLOWS, NO_INFLUENCES), False
        return self.failure(name, None, name, f"no relation in FROM has a column {name}"), False

    def entry(self, node: exp.Column, scope: Scope) -> tuple[Entry | None, Col]:
        """Return the relation that a qualified reference names, or None and the column that says why not."""
        alias = real_name(node.args["table"], self.fold)
        database = node.args.get("db")
        schema = real_name(database, self.fold) if database is not None else ""
        column = "*" if isinstance(node.this, exp.Star) else real_name(node.args["this"], self.fold)
        level: Scope | None = scope
        while level is not None:
            entries = level.entries.get(alias, ())
            if schema:
                entries = [entry for entry in entries if entry.schema == schema]
            if len(entries) == 1:
                return entries[0], _NOTHING
            if entries:
                reason = f"{alias} names {len(entries)} relations of FROM"
                return None, self.failure(column, alias, column, reason)
            level = level.parent
        written = f"{schema}.{alias}" if schema else alias
        return None, self.failure(column, written, column, f"{written} is no relation of FROM")

    def _visible(self, name: str, scope: Scope) -> Col | None:
        """Return the column that an unqualified name means in one scope, None where it has no such column."""
        found = [col for tree in scope.trees for col in tree.visible(name)]
        if len(found) == 1:
            return found[0]
        if found:
            sources = ", ".join(
                f"{entry.alias}.{name}"
                for entries in scope.entries.values()
                for entry in entries
                if name in entry.relation.index
            )
            reason = f"{name} is ambiguous: {sources}"
            cols = [self.failure(name, None, name, reason)]
            for entries in scope.entries.values():
                cols += [
                    self.failure(name, flow.table, flow.column, reason)
                    for entry in entries
                    for col in entry.relation.index.get(name, ())
                    for flow in col.flows.values()
                ]
            if len(cols) > 1:
                self.failures.pop((None, name, Identifiability.DIRECT, reason), None)
                cols = cols[1:]
            return merged_col(name, cols)
        if self.sees_aliases and name in scope.aliases:
            return scope.aliases[name]
        relations = [entry.relation for entries in scope.entries.values() for entry in entries]
        unknown = [relation for relation in relations if relation.open_reason]
        if unknown and name not in scope.entries:
            table = unknown[0].source if len(unknown) == 1 else None
            return self.failure(name, table, name, unknown[0].open_reason or "")
        return None

    def _possible_fields(self, name: str, scope: Scope) -> list[Col]:
        """Return what a name may be a field of: the one function in FROM; a scope around it may have the column."""
        relations = [entry.relation for entries in scope.entries.values() for entry in entries]
        elastic = [relation for relation in relations if relation.elastic]
        return [self._elastic(elastic[0], name)] if len(elastic) == 1 and name not in scope.entries else []

    def _member(self, entry: Entry, name: str) -> Col:
        relation = entry.relation
        found = relation.index.get(name, ())
        if len(found) == 1:
            return found[0]
        if found:
            reason = f"{entry.alias} has {len(found)} columns {name}"
            return merged_col(name, [self.failure(name, relation.source, name, reason), *found])
        if relation.elastic is not None:
            return self._elastic(relation, name)
        if relation.is_base and name in SYSTEM_COLUMNS:
            return Col(name, NO_FLOWS, NO_INFLUENCES)
        reason = relation.open_reason or f"{relation.source or entry.alias} has no column {name}"
        return self.failure(name, relation.source or entry.alias, name, reason)

    def _elastic(self, relation: Relation, name: str) -> Col:
        return relation.elastic._replace(name=name) if relation.elastic else _NOTHING

    def _row(self, entry: Entry) -> Col:
        relation = entry.relation
        cols = list(relation.columns)
        if relation.open_reason:
            cols.append(self.failure("*", relation.source, "*", relation.open_reason))
        elif relation.elastic is not None:
            cols.append(relation.elastic)
        return merged_col(entry.alias, cols)._replace(row=relation)


_NOTHING = Col("", NO_FLOWS, NO_INFLUENCES)


def _pass(
    col: Col,
    functions: Functions,
    root: exp.Expr,
    steps: dict[Functions, tuple[Step, Identifiability]],
    flows: Flows,
) -> None:
    """Add a column's flows as they leave an expression's functions."""
    known = steps.get(functions)
    if known is None:
        ceiling = min((effect_of(name).ceiling for name in functions), default=Identifiability.DIRECT)
        known = steps[functions] = Step(root, functions), ceiling
    step, ceiling = known
    for flow in col.flows.values():
        reached = min(flow.ceiling, ceiling)
        key = (flow.table, flow.column, reached, flow.reason)
        if key not in flows:
            flows[key] = Flow(flow.table, flow.column, reached, flow.reason, flow, step)
