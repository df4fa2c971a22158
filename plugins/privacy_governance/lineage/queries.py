"""Traces queries bottom-up: each SELECT, set operation and CTE once, into the relation that the outside sees."""

from __future__ import annotations

from collections import ChainMap
from typing import TYPE_CHECKING, cast

from sqlglot import exp

from privacy_governance.lineage.names import real_name
from privacy_governance.lineage.outputs import output_name
from privacy_governance.lineage.relations import (
    NO_INFLUENCES,
    Col,
    Influences,
    Relation,
    Scope,
    as_influences,
    comparing,
    merge,
    merged_col,
)
from privacy_governance.lineage.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Iterator

Ctes = ChainMap[str, Relation]


class Queries(Sources):
    """Traces one query text; used once."""

    def trace(self, node: exp.Expr) -> Relation:
        """Return the relation that a whole query is."""
        return self.query(node, None, ChainMap())

    def subquery(self, node: exp.Expr, scope: Scope) -> Relation:
        """Return the relation of a query nested in an expression: it may read the scope around it."""
        return self.query(node, scope, scope.ctes)

    def query(self, node: exp.Expr, parent: Scope | None, ctes: Ctes) -> Relation:
        """Return the relation of any kind of query, with its own WITH."""
        if (with_ := node.args.get("with_")) is not None:
            ctes = self._with(with_, parent, ctes)
        if isinstance(node, exp.Select):
            return self._select(node, parent, ctes)
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, parent, ctes)
        if isinstance(node, exp.Subquery):
            inner = node.this
            if isinstance(inner, exp.Table):
                inner = exp.select("*").from_(inner)
            return self._ordered(node, self.query(inner, parent, ctes), parent, ctes)
        if isinstance(node, exp.Values):
            return self._values(node, parent, ctes)
        if isinstance(node, exp.Table):
            return self._select(exp.select("*").from_(node), parent, ctes)
        reason = f"a {node.key.upper()} inside a query is not traced"
        self.failure("*", None, "*", reason)
        return Relation((), open_reason=reason)

    def _with(self, with_: exp.Expr, parent: Scope | None, ctes: Ctes) -> Ctes:
        ctes = ctes.new_child()
        for cte in with_.expressions:
            alias = cte.args["alias"]
            name = real_name(alias.this, self.fold)
            names = [real_name(column, self.fold) for column in alias.args.get("columns") or ()]
            if with_.args.get("recursive") and self._reads(cte.this, name):
                ctes[name] = self._recursive(cte.this, name, names, parent, ctes)
            else:
                ctes[name] = self.query(cte.this, parent, ctes).renamed(names)
            if with_.args.get("search") is not None:
                ctes[name] = self._searched(ctes[name])
        return ctes

    def _reads(self, node: exp.Expr, name: str) -> bool:
        return any(
            not table.args.get("db")
            and isinstance(table.this, exp.Identifier)
            and real_name(table.this, self.fold) == name
            for table in node.find_all(exp.Table)
        )

    def _searched(self, relation: Relation) -> Relation:
        """SEARCH and CYCLE add columns made of the others; their names are taken as asked for."""
        return Relation(
            relation.columns, relation.rows, elastic=merged_col("*", relation.columns), source=relation.source
        )

    def _recursive(self, node: exp.Expr, name: str, names: list[str], parent: Scope | None, ctes: Ctes) -> Relation:
        """Trace a CTE that reads itself until nothing new flows: flows are finitely many, so that it ends."""
        body = node.unnest() if isinstance(node, exp.Subquery) else node
        if not isinstance(body, exp.SetOperation):
            reason = f"{name} reads itself but is no UNION"
            self.failure("*", None, "*", reason)
            return Relation((), open_reason=reason)
        if (with_ := body.args.get("with_")) is not None:
            ctes = self._with(with_, parent, ctes)
        known = self.query(body.this, parent, ctes).renamed(names)
        while True:
            inner = ctes.new_child({name: known})
            turn = self.query(body.expression, parent, inner)
            grown = self._stacked([known, turn])
            if _size(grown) == _size(known):
                return grown
            known = grown

    def _set_operation(self, node: exp.Expr, parent: Scope | None, ctes: Ctes) -> Relation:
        operations: list[exp.Expr] = []
        left = node
        # Generated models stack thousands of branches: the left spine is walked, not recursed into.
        while isinstance(left, exp.SetOperation) and (left is node or not left.args.get("with_")):
            operations.append(left)
            left = left.this
        relation = self.query(left, parent, ctes)
        branches = [relation]
        clause = ""
        for operation in reversed(operations):
            right = self.query(operation.expression, parent, ctes)
            if isinstance(operation, exp.Union):
                clause = clause or ("union" if operation.args.get("distinct") else "")
                branches.append(_by_name(relation, right) if operation.args.get("by_name") else right)
                continue
            clause = operation.key
            left_rows = self._stacked(branches)
            # A row that INTERSECT keeps is in both: its values are the right side's as well.
            both = [left_rows, right] if isinstance(operation, exp.Intersect) else [left_rows]
            relation = self._stacked(both)
            rows = dict(relation.rows)
            merge(rows, comparing(clause, right.columns))
            merge(rows, right.rows)
            open_reason = left_rows.open_reason or right.open_reason
            branches = [Relation(relation.columns, rows, open_reason=open_reason, compared=left_rows.compared)]
        relation = self._stacked(branches)
        if clause:
            relation = relation.as_compared(clause)
        return self._ordered(node, relation, parent, ctes)

    def _stacked(self, branches: list[Relation]) -> Relation:
        """Return the union of relations, column by column."""
        if len(branches) == 1:
            return branches[0]
        first = branches[0]
        rows: Influences = {}
        compared: Influences = {}
        for branch in branches:
            merge(rows, branch.rows)
            merge(compared, branch.compared)
        open_reason = next((branch.open_reason for branch in branches if branch.open_reason), None)
        widths = {len(branch.columns) for branch in branches}
        if len(widths) > 1 and not open_reason:
            open_reason = "the branches of a set operation have different numbers of columns"
            self.failure("*", None, "*", open_reason)
        columns = [
            merged_col(name, (branch.columns[at] for branch in branches if at < len(branch.columns)))
            for at, name in enumerate(col.name for col in first.columns)
        ]
        return Relation(columns, rows, open_reason=open_reason, compared=compared)

    def _values(self, node: exp.Expr, parent: Scope | None, ctes: Ctes) -> Relation:
        scope = Scope(parent, ctes)
        width: dict[int, list[Col]] = {}
        for row in node.expressions:
            for at, cell in enumerate(row.expressions if isinstance(row, exp.Tuple) else [row]):
                width.setdefault(at, []).append(self.evaluate(cell, scope, f"column{at + 1}"))
        return Relation([merged_col(f"column{at + 1}", cols) for at, cols in width.items()], scope.rows)

    def _select(self, node: exp.Expr, parent: Scope | None, ctes: Ctes) -> Relation:
        scope = Scope(parent, ctes)
        args = node.args
        self.add_from(node, scope)
        for window in args.get("windows") or ():
            scope.windows[real_name(window.this, self.fold)] = window
        columns, open_reason = self._items(args["expressions"], scope)
        for key in ("where", "having", "qualify"):
            if (clause := args.get(key)) is not None:
                self.decide(clause.this, scope, key, scope.rows)
        if (group := args.get("group")) is not None:
            self._group(group, scope, columns)
        distinct = args.get("distinct")
        distinct_on = distinct.args.get("on") if distinct is not None else None
        if distinct_on is not None:
            for compared in distinct_on.expressions or [distinct_on]:
                self._by(compared, scope, columns, "distinct on", scope.rows)
        self._order(node, scope, columns)
        relation = Relation(columns, scope.rows, open_reason=open_reason)
        return relation.as_compared("distinct") if distinct is not None and distinct_on is None else relation

    def _group(self, group: exp.Expr, scope: Scope, columns: list[Col]) -> None:
        for key in _grouping_keys(group):
            self._by(key, scope, columns, "group by", scope.rows)
        if group.args.get("all"):  # other dialects: by every output that aggregates nothing
            for col in columns:
                if col.made_by is None or col.made_by.find(exp.AggFunc) is None:
                    as_influences(col, "group by", col.made_by, scope.rows)

    def _items(self, items: list[exp.Expr], scope: Scope) -> tuple[list[Col], str | None]:
        """Return the columns of a SELECT list, and why not all of them are known."""
        columns: list[Col] = []
        open_reason: str | None = None
        for item in items:
            if self._is_star(item):
                expanded, problem = self._star(item, scope)
                columns += expanded
                open_reason = open_reason or problem
                continue
            name = output_name(item, self.fold)
            value = item.this if isinstance(item, exp.Alias) else item
            self.multiplies = False
            col = self.evaluate(value, scope, name)
            if self.multiplies:
                as_influences(col, "rows of", value, scope.rows)
            columns.append(col)
            if isinstance(item, exp.Alias):
                scope.aliases[name] = col
        return columns, open_reason

    def _ordered(self, node: exp.Expr, relation: Relation, parent: Scope | None, ctes: Ctes) -> Relation:
        """Return a relation with what the ORDER BY after a set operation or a parenthesis reads."""
        if node.args.get("order") is None and node.args.get("limit") is None:
            return relation
        scope = Scope(parent, ctes)
        scope.rows = dict(relation.rows)
        scope.aliases = {col.name: col for col in relation.columns}
        self._order(node, scope, list(relation.columns))
        return Relation(relation.columns, scope.rows, open_reason=relation.open_reason, compared=relation.compared)

    def _order(self, node: exp.Expr, scope: Scope, columns: list[Col]) -> None:
        if (order := node.args.get("order")) is not None:
            for ordered in order.expressions:
                key = ordered.this
                if isinstance(key, exp.Column) and not key.args.get("table"):
                    name = real_name(key.this, self.fold)
                    outputs = [col for col in columns if col.name == name]
                    if outputs:
                        as_influences(outputs[0], "order by", key, scope.rows)
                        continue
                self._by(key, scope, columns, "order by", scope.rows)
        for key in ("limit", "offset"):
            clause = node.args.get(key)
            if clause is not None and isinstance(clause.args.get("expression"), exp.Expr):
                self.decide(clause.args["expression"], scope, key, scope.rows)

    def _by(self, key: exp.Expr, scope: Scope, columns: list[Col], clause: str, rows: Influences) -> None:
        """Read a key of GROUP BY, DISTINCT ON or ORDER BY: an ordinal, a column, an output's name, an expression."""
        if isinstance(key, exp.Literal) and not key.is_string:
            at = int(key.name) if key.name.isdigit() else 0
            if 1 <= at <= len(columns):
                as_influences(columns[at - 1], clause, key, rows)
            return
        if isinstance(key, exp.Column) and not key.args.get("table") and not isinstance(key.this, exp.Star):
            name = real_name(key.this, self.fold)
            if name in scope.aliases and not any(tree.visible(name) for tree in scope.trees):
                as_influences(scope.aliases[name], clause, key, rows)
                return
        self.decide(key, scope, clause, rows)

    def _is_star(self, item: exp.Expr) -> bool:
        if isinstance(item, exp.Star):
            return True
        if isinstance(item, exp.Column):
            return isinstance(item.this, exp.Star)
        return isinstance(item, exp.Dot) and isinstance(item.expression, exp.Star)

    def _star(self, item: exp.Expr, scope: Scope) -> tuple[list[Col], str | None]:
        star = item
        if isinstance(item, exp.Star):
            columns = [col for tree in scope.trees for col in tree.columns()]
            relations = [entry.relation for entries in scope.entries.values() for entry in entries]
        else:
            if isinstance(item, exp.Dot):
                return self._fields(item, scope)
            star = item.this
            entry, problem = self.entry(cast("exp.Column", item), scope)
            if entry is None:
                reason = next(iter(problem.flows.values())).reason
                return [problem._replace(name="*")], reason
            columns = list(entry.relation.columns)
            relations = [entry.relation]
        for relation in relations:
            if relation.open_reason:
                failed, reason = self._unknown_star(None, relation.source, relation.open_reason)
                return [*columns, *failed], reason
            if relation.elastic is not None and not relation.columns:
                reason = "the columns of a function in FROM are not known: list them after AS"
                return self._unknown_star(relation.elastic, relation.source, reason)
        return self._changed_star(star, columns)

    def _changed_star(self, star: exp.Expr, columns: list[Col]) -> tuple[list[Col], str | None]:
        """Apply other dialects' `* EXCEPT (…)`."""
        if star.args.get("replace") or star.args.get("rename"):
            return self._unknown_star(merged_col("*", columns), None, "a star that replaces or renames is not traced")
        left_out = {real_name(name, self.fold) for name in star.args.get("except_") or ()}
        return [col for col in columns if col.name not in left_out], None

    def _fields(self, item: exp.Dot, scope: Scope) -> tuple[list[Col], str | None]:
        """Expand `(t).*`."""
        relation = self._row_of(item.this, scope)
        if relation is not None and not relation.open_reason and relation.columns:
            return list(relation.columns), None
        reason = "the fields of a composite value are not known"
        return self._unknown_star(self.evaluate(item.this, scope, "*"), None, reason)

    def _unknown_star(self, col: Col | None, table: str | None, reason: str) -> tuple[list[Col], str]:
        failed = self.failure("*", table, "*", reason)
        return [merged_col("*", [failed, col] if col else [failed])], reason


def _grouping_keys(group: exp.Expr) -> Iterator[exp.Expr]:
    pending = list(group.iter_expressions())
    while pending:
        key = pending.pop(0)
        if isinstance(key, exp.GroupingSets | exp.Rollup | exp.Cube | exp.Tuple | exp.Paren):
            pending = [*key.iter_expressions(), *pending]
        else:
            yield key


def _by_name(left: Relation, right: Relation) -> Relation:
    columns = [next(iter(right.index.get(col.name, ())), Col(col.name, {}, NO_INFLUENCES)) for col in left.columns]
    return Relation(columns, right.rows, open_reason=right.open_reason)


def _size(relation: Relation) -> int:
    return len(relation.rows) + sum(len(col.flows) + len(col.influences) for col in relation.columns)
