"""What FROM holds: tables, CTEs, subqueries, functions, joins."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from sqlglot import exp

from privacy_governance.algebra import Identifiability
from privacy_governance.lineage.expressions import Expressions
from privacy_governance.lineage.functions import SET_RETURNING, name_of
from privacy_governance.lineage.names import Tables, real_name
from privacy_governance.lineage.parsing import WRITTEN_NAME
from privacy_governance.lineage.relations import (
    NO_FLOWS,
    NO_INFLUENCES,
    Col,
    Entry,
    Flow,
    Influences,
    JoinTree,
    Relation,
    Scope,
    as_influences,
    merged_col,
)

if TYPE_CHECKING:
    from collections import ChainMap
    from collections.abc import Callable, Iterator


class Sources(Expressions):
    """Fills scopes from FROM clauses; a tracer of queries is built on it."""

    def __init__(self, tables: Tables, fold: Callable[[str, bool], str], *, sees_aliases: bool) -> None:
        super().__init__(fold, sees_aliases=sees_aliases)
        self.tables = tables
        self._base: dict[str, Relation] = {}

    @abstractmethod
    def query(self, node: exp.Expr, parent: Scope | None, ctes: ChainMap[str, Relation]) -> Relation:
        """Return the relation of any kind of query."""

    def add_from(self, select: exp.Expr, scope: Scope) -> None:
        """Add what a SELECT's FROM and joins hold."""
        if (from_ := select.args.get("from_")) is not None:
            scope.trees.append(JoinTree())
            self._add(from_.this, scope)
        for join in select.args.get("joins") or ():
            self._join(join, scope)
        for lateral in select.args.get("laterals") or ():
            scope.trees.append(JoinTree())
            self._add(lateral, scope)

    def _add(self, node: exp.Expr, scope: Scope) -> None:
        alias = node.args.get("alias")
        names = [self._column_name(column) for column in alias.args.get("columns") or ()] if alias is not None else []
        name = real_name(alias.this, self.fold) if alias is not None and alias.args.get("this") else ""
        schema = ""
        if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table) and alias is None:
            self._add(node.this, scope)
            self._nested_joins(node, scope)
            return
        if isinstance(node, exp.Subquery | exp.Values | exp.Select | exp.SetOperation):
            around = scope if self.sees_aliases else scope.parent
            relation = self.query(node, around, scope.ctes)
        elif isinstance(node, exp.Lateral):
            inner = node.this
            if isinstance(inner, exp.Query):
                relation = self.query(inner, scope, scope.ctes)
            else:
                ordinality = bool(node.args.get("ordinality"))
                relation = self._function([inner], name, names, scope, ordinality=ordinality)
        elif isinstance(node, exp.Unnest):
            ordinal = node.args.get("offset")
            if isinstance(ordinal, exp.Identifier):
                names.append(real_name(ordinal, self.fold))
            relation = self._function([node], name, names, scope, ordinality=bool(ordinal))
            name = name or "unnest"
        elif isinstance(node, exp.Table):
            relation, name, schema = self._table(node, name, names, scope)
        else:
            relation = self._unknown(node.key, f"a {node.key.upper()} in FROM is not traced")
        scope.add(Entry(name, schema, relation.renamed(names)))
        self._nested_joins(node, scope)

    def _nested_joins(self, node: exp.Expr, scope: Scope) -> None:
        for join in node.args.get("joins") or ():
            self._join(join, scope)

    def _column_name(self, node: exp.Expr) -> str:
        return real_name(node.this if isinstance(node, exp.ColumnDef) else node, self.fold)

    def _table(self, node: exp.Expr, alias: str, names: list[str], scope: Scope) -> tuple[Relation, str, str]:
        """Return the relation of a table expression, the name that the scope knows it by, and its schema."""
        if (calls := node.args.get("rows_from")) is not None:
            functions = [call.this if isinstance(call, exp.Table) else call for call in calls]
            ordinality = bool(node.args.get("ordinality"))
            return self._function(functions, alias, names, scope, ordinality=ordinality), alias, ""
        this = node.this
        if not isinstance(this, exp.Identifier):
            ordinality = bool(node.args.get("ordinality"))
            called = node.args.get("db")
            if called is not None:
                this = exp.Dot(this=called.copy(), expression=this.copy())
            return (
                self._function([this], alias, names, scope, ordinality=ordinality),
                alias or _called(this),
                "",
            )
        parts = tuple(
            real_name(node.args[key], self.fold) for key in ("catalog", "db", "this") if node.args.get(key) is not None
        )
        name = alias or parts[-1]
        cte = scope.ctes.get(parts[0]) if len(parts) == 1 else None
        relation = cte if cte is not None else self._base_relation(parts)
        if node.args.get("pivots"):
            relation = self._unknown(relation.source, "a PIVOT is not traced")
        return relation, name, parts[-2] if len(parts) > 1 and not alias else ""

    def _base_relation(self, parts: tuple[str, ...]) -> Relation:
        keys = self.tables.find(parts)
        if len(keys) != 1:
            written = ".".join(parts)
            if not keys:
                return self._unknown(written, f"{written} is not in the schema")
            return self._unknown(written, f"{written} is ambiguous: {', '.join(sorted(keys))}")
        key = keys[0]
        relation = self._base.get(key)
        if relation is None:
            columns = []
            for name, spelled in self.tables.columns(key).items():
                flow = Flow(key, spelled, Identifiability.DIRECT)
                columns.append(Col(name, {flow.key: flow}, NO_INFLUENCES, self.tables.type_of(key, spelled)))
            reason = None if columns else f"{key} has no columns in the schema"
            if reason:
                self.failure("*", key, "*", reason)
            relation = self._base[key] = Relation(columns, source=key, open_reason=reason, is_base=True)
            for col in columns:
                # A schema may spell a column as some SQL did, and a dialect may not mind case.
                unquoted = False
                relation.index.setdefault(self.fold(col.name, unquoted), [col])
        return relation

    def _unknown(self, table: str | None, reason: str) -> Relation:
        self.failure("*", table, "*", reason)
        return Relation((), source=table, open_reason=reason)

    def _function(
        self, calls: list[exp.Expr], alias: str, names: list[str], scope: Scope, *, ordinality: bool
    ) -> Relation:
        """Return the relation of functions in FROM: every column is made of the arguments.

        A function that is neither PostgreSQL's nor sqlglot's may read tables of its own: its columns are unresolved.
        """
        columns: list[Col] = []
        elastic: Col | None = None
        rows: Influences = {}
        for call in calls:
            name = _called(call)
            col = self.evaluate(call, scope, alias or name)
            as_influences(col, "rows of", call, rows)
            if isinstance(call, exp.Unnest) and len(call.expressions) > 1:
                columns += [self.evaluate(part, scope, alias or name) for part in call.expressions]
                continue
            if isinstance(call, exp.XMLTable | exp.JSONTable):
                schema = call.args.get("schema")
                definitions = _json_columns(schema) if schema is not None else call.find_all(exp.ColumnDef)
                columns += [col._replace(name=self._defined(definition)) for definition in definitions]
                continue
            known = SET_RETURNING.get(name)
            if known is None and isinstance(call, exp.Anonymous | exp.Dot):
                reason = f"the function {name}() in FROM is not known: it may read tables"
                col = merged_col(col.name, [self.failure("*", f"{name}()", "*", reason), col])
            if known or (known is None and isinstance(call, exp.Anonymous | exp.Dot)):
                width = max(len(names) - ordinality, 0) if len(calls) == 1 else 0
                fields = known if known and known != ("*",) else tuple(names[:width])
                columns += [col._replace(name=field) for field in fields]
                if not fields:
                    elastic = col
            else:
                columns.append(col)
                # A function of a row type has that type's fields, and they are made of the same arguments.
                elastic = col
        if ordinality:
            columns.append(Col("ordinality", NO_FLOWS, NO_INFLUENCES, "bigint"))
        if len(names) > len(columns) and elastic is not None:
            columns += [elastic._replace(name=name) for name in names[len(columns) :]]
        return Relation(columns, rows, elastic=elastic)

    def _defined(self, definition: exp.Expr) -> str:
        name = definition.this
        return real_name(name, self.fold) if isinstance(name, exp.Expr) else str(name)

    def _join(self, join: exp.Expr, scope: Scope) -> None:
        args = join.args
        using = args.get("using")
        on = args.get("on")
        natural = str(args.get("method") or "").upper() == "NATURAL"
        if not (using or on is not None or natural or args.get("kind") or args.get("side")) or not scope.trees:
            scope.trees.append(JoinTree())
            self._add(join.this, scope)
            return
        tree = scope.trees[-1]
        before = len(tree.entries)
        shared: list[str] = [
            real_name(name.this if isinstance(name, exp.Column) else name, self.fold) for name in using or ()
        ]
        if natural:
            shared = list(dict.fromkeys(col.name for col in tree.columns()))
        left = {name: tree.visible(name) for name in shared}
        self._add(join.this, scope)
        added = tree.entries[before:]
        if natural:
            shared = self._natural(tree, before, shared)
        side = str(args.get("side") or "").upper()
        for name in reversed(shared):
            right = [col for entry in added for col in entry.relation.index.get(name, ())]
            sides = [
                self._using(name, left[name], tree.entries[:before]),
                self._using(name, right, added),
            ]
            for col in sides:
                as_influences(col, "using", None, scope.rows)
            # The side whose rows all survive gives the value; in an inner or full join it is either's.
            tree.unify(name, merged_col(name, {"LEFT": sides[:1], "RIGHT": sides[1:]}.get(side, sides)))
        if on is not None:
            others, scope.trees = scope.trees, [tree]
            try:
                self.decide(on, scope, "join", scope.rows)
            finally:
                scope.trees = others
        if str(args.get("kind") or "").upper() in ("SEMI", "ANTI"):
            del tree.entries[before:]

    def _natural(self, tree: JoinTree, before: int, names: list[str]) -> list[str]:
        unknown = [entry for entry in tree.entries if entry.relation.open_reason]
        if unknown:
            relation = unknown[0].relation
            self.failure("*", relation.source, "*", f"a natural join needs all columns: {relation.open_reason}")
        return [name for name in names if any(name in entry.relation.index for entry in tree.entries[before:])]

    def _using(self, name: str, cols: list[Col], entries: list[Entry]) -> Col:
        """Return one side's column of a USING name."""
        if len(cols) == 1:
            return cols[0]
        unknown = [entry for entry in entries if entry.relation.open_reason] or entries
        source = unknown[0].relation.source or unknown[0].alias if unknown else None
        what = "is ambiguous" if cols else "is not a column"
        reason = (unknown[0].relation.open_reason if unknown else None) or f"{name} of USING {what} on one side"
        return merged_col(name, [self.failure(name, source, name, reason), *cols])


def _json_columns(schema: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the columns of JSON_TABLE in their order: a path's own before those of the paths nested in it."""
    nested = [part for part in schema.expressions if part.args.get("nested_schema") is not None]
    yield from (part for part in schema.expressions if part not in nested)
    for path in nested:
        yield from _json_columns(path.args["nested_schema"])


def _called(call: exp.Expr) -> str:
    if isinstance(call, exp.Dot):
        schema = call.this.name
        name = _called(call.expression)
        return name if schema.lower() == "pg_catalog" else f"{schema}.{name}"
    return str(call.meta.get(WRITTEN_NAME, "")).lower() or name_of(call)
