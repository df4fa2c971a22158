"""The entry: a query's text and its schema in, its columns and edges out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect

from privacy_governance.errors import LineageError
from privacy_governance.lineage.edges import ColumnEdge, QueryTrace, Transformation
from privacy_governance.lineage.functions import masked_calls
from privacy_governance.lineage.names import Tables, folding_of
from privacy_governance.lineage.parsing import parse_query, with_deep_stack
from privacy_governance.lineage.queries import Queries

if TYPE_CHECKING:
    from privacy_governance.lineage.edges import Kind
    from privacy_governance.lineage.names import Schema
    from privacy_governance.lineage.relations import Col, Flow, Influence, Relation

STEP_CHARACTERS = 400


def trace_query(sql: str, schema: Schema, dialect: str = "postgres") -> QueryTrace:
    """Return all output columns of a query and every edge that leads to them, in one bottom-up pass.

    `schema` maps each table, written as in SQL (`raw.users`, `raw."Mixed"`), to its columns (real names, or quoted) and
    their types. What can't be resolved is an edge of kind `unresolved`, never left out. What DISTINCT, UNION, EXCEPT
    and INTERSECT compare of their own columns flows to the outputs anyway: it is an indirect edge only where another
    SELECT reads theirs. Raises LineageError, with line and column, where the text doesn't parse.
    """
    return with_deep_stack(sql, lambda: _trace(sql, schema, dialect))


def column_edges(sql: str, schema: Schema, dialect: str = "postgres") -> list[ColumnEdge]:
    """Return the edges of `trace_query`."""
    return list(trace_query(sql, schema, dialect).edges)


def output_columns(sql: str, schema: Schema, dialect: str = "postgres") -> list[str]:
    """Return the real names of a query's output columns, in order; `*` for a star that could not be expanded."""
    return list(trace_query(sql, schema, dialect).columns)


def _trace(sql: str, schema: Schema, dialect: str) -> QueryTrace:
    query = parse_query(sql, dialect)
    fold = folding_of(dialect)
    if masked := masked_calls(sql):
        raise LineageError(
            f"The SQL calls a function by the quoted name {masked[0]}, "
            "which is not the built-in of that spelling. Rename it."
        )
    is_postgres = dialect in ("postgres", "redshift")
    if is_postgres and "@" in sql and query.find(exp.Parameter):
        # sqlglot takes what stands behind it for the name of a variable, as other dialects have
        raise LineageError("The SQL has the operator @, which can't be traced. Write abs(…).")
    queries = Queries(Tables(schema, fold), fold, sees_aliases=not is_postgres)
    relation = queries.trace(query)
    if not relation.columns:
        raise LineageError("The query has no output columns. Give the model a SELECT list.")
    return _Edges(relation, dialect).trace(list(queries.failures.values()))


class _Edges:
    """Turns the flows and influences of a traced relation into edges; renders each expression once."""

    def __init__(self, relation: Relation, dialect: str) -> None:
        self.relation = relation
        self.dialect = dialect
        self.generator = Dialect.get_or_raise(dialect).generator(normalize_functions="lower")
        self.texts: dict[int, str] = {}

    def trace(self, failures: list[Flow]) -> QueryTrace:
        columns = self.relation.columns
        names = tuple(col.name for col in columns)
        edges = [edge for col in columns for edge in self._of(col)]
        edges += [self._influence(influence, None) for influence in self.relation.rows.values()]
        if len(set(names)) < len(names):
            edges = list(dict.fromkeys(edges))
        if failures:
            told = {(e.source_table, e.source_column, e.reason) for e in edges if e.reason}
            edges += [
                ColumnEdge(flow.table, flow.column, None, "unresolved", Transformation(flow.column), flow.reason)
                for flow in failures
                if (flow.table, flow.column, flow.reason) not in told
            ]
        types = {col.name: self._type(col) for col in columns}
        sourceless = {
            col.name: self._text(col.made_by) if col.made_by is not None else col.name
            for col in columns
            if not col.flows
        }
        return QueryTrace(names, types, tuple(edges), sourceless)

    def _of(self, col: Col) -> list[ColumnEdge]:
        name = col.name
        edges = [
            ColumnEdge(
                flow.table,
                flow.column,
                name,
                "unresolved" if flow.reason else "direct",
                self._transformation(flow),
                flow.reason,
            )
            for flow in col.flows.values()
        ]
        # even where it bears on all rows too: a branch chosen by a column is a coarser copy of it, and tagged as one
        edges += [self._influence(influence, name) for influence in col.influences.values()]
        return edges

    def _influence(self, influence: Influence, output: str | None) -> ColumnEdge:
        clause = influence.clause
        text = clause if influence.expression is None else f"{clause} {self._text(influence.expression)}"
        kind: Kind = "unresolved" if influence.reason else "indirect"
        return ColumnEdge(
            influence.table, influence.column, output, kind, Transformation(text, (clause,)), influence.reason
        )

    def _transformation(self, flow: Flow) -> Transformation:
        if flow.step is None:
            return Transformation(flow.column)
        texts: list[str] = []
        functions: list[str] = []
        at: Flow | None = flow
        while at is not None and at.step is not None:
            text = self._text(at.step.expression)
            if not texts or texts[-1] != text:
                texts.append(text)
            for name in at.step.functions:
                if not functions or functions[-1] != name:
                    functions.append(name)
            at = at.before
        return Transformation(" → ".join(reversed(texts)), tuple(functions))

    def _type(self, col: Col) -> str:
        if isinstance(col.type, str):
            return col.type
        text = self.generator.generate(col.type, copy=False)
        return text if '"' in text else text.lower()

    def _text(self, expression: exp.Expr) -> str:
        text = self.texts.get(id(expression))
        if text is None:
            text = self.generator.generate(expression, copy=False)
            if len(text) > STEP_CHARACTERS:
                text = text[: STEP_CHARACTERS - 1] + "…"
            self.texts[id(expression)] = text
        return text
