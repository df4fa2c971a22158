"""Queries made up by hypothesis: nested SELECTs over the marked sources, each a text and its outputs' (name, type)."""

from __future__ import annotations

from itertools import count

from hypothesis import strategies as st

TABLES = {
    "src.people": {"k": "int", "name": "text", "email": "text", "n": "int"},
    "src.events": {"k": "int", "email": "text", "kind": "text", "n": "int"},
    'src."Mixed"': {"k": "int", '"Email"': "text", "email": "text"},
}

# Operators through which every mark of every operand is seen in the result, as long as none is null.
PURE_TEXT = ("{a} || {b}", "concat({a}, {b})", "trim({a}) || {b}", "concat_ws('-', {a}, {b})", "reverse(reverse({a}))")
TEXT = (
    *PURE_TEXT,
    "coalesce({a}, {b})",
    "nullif({a}, {b})",
    "greatest({a}, {b})",
    "case when {c} then {a} else {b} end",
    "case {i} when 1 then {a} when 2 then {b} end",
    "{i}::text",
    "max({a}) over (partition by {b} order by {i})",
    "lag({a}) over (order by {i}, {b})",
    "(array[{a}, {b}])[{i}]",
    "jsonb_build_object('x', {a}, 'y', {i})::text",
    "(select max(w.kind) from src.events w where w.k = {i})",
    "(select string_agg({a} || w.name, '' order by w.k) from src.people w where w.n < {i})",
)
INT = (
    "{i} + {j}",
    "length({a})",
    "count({a}) over (partition by {i})",
    "row_number() over (order by {i}, {a})",
    "case when {c} then {i} else {j} end",
    "(select count(*) from src.events w where w.n >= {i})::int",
)
BOOL = (
    "{i} > {j}",
    "{a} is not null",
    "{a} = {b}",
    "{a} < {b} or {i} <> 2",
    "exists (select 1 from src.events w where w.k = {i})",
    "{i} in (select w.k from src.people w where w.email <> {a})",
)


class Writer:
    """Draws one query; `pure` keeps to what lets every mark through."""

    def __init__(self, draw, *, pure):
        self.draw = draw
        self.pure = pure
        self.names = (f"x{number}" for number in count())

    def choose(self, options):
        return self.draw(st.sampled_from(options))

    def chance(self):
        return self.draw(st.booleans())

    def query(self, depth):
        kind = self.choose(["select", "select", "cte", "union"]) if depth else "select"
        if kind == "cte":
            return self.cte(depth)
        if kind == "union":
            return self.union(depth)
        return self.select(depth)

    def cte(self, depth):
        name = next(self.names)
        inner, columns = self.query(depth - 1)
        renamed = [(next(self.names), kind) for _, kind in columns]
        outer, outputs = self.select(depth - 1, known=(name, renamed))
        return f"with {name}({', '.join(n for n, _ in renamed)}) as ({inner}) {outer}", outputs

    def union(self, depth):
        left, outputs = self.query(depth - 1)
        right, others = self.query(depth - 1)
        q, r = next(self.names), next(self.names)
        width = min(len(outputs), len(others))
        pairs = [(a, b) for a, b in zip(outputs[:width], others[:width], strict=True)]
        operator = "union all" if self.pure else self.choose(["union all", "union", "except", "intersect"])
        first = ", ".join(f"{q}.{a}::text as {a}" for (a, _), _ in pairs)
        second = ", ".join(f"{r}.{b}::text" for _, (b, _) in pairs)
        sql = f"(select {first} from ({left}) {q}) {operator} (select {second} from ({right}) {r})"
        return sql, [(a, "text") for (a, _), _ in pairs]

    def source(self, depth):
        alias = next(self.names)
        if depth and self.chance():
            inner, columns = self.query(depth - 1)
            return f"({inner}) {alias}", alias, columns
        table = self.choose(list(TABLES))
        return f"{table} {alias}", alias, list(TABLES[table].items())

    def select(self, depth, known=None):
        first, alias, columns = (known[0], *known) if known else self.source(depth)
        sources, scope = [first], [(f"{alias}.{name}", kind) for name, kind in columns]
        if self.chance():
            second, other, more = self.source(depth)
            right = [(f"{other}.{name}", kind) for name, kind in more]
            if self.pure:
                sources.append(f"cross join {second}")
            else:
                join = self.choose(["join", "left join", "full join"])
                on = self.key(scope), self.key(right)
                sources.append(f"{join} {second} on {on[0]} = {on[1]}")
            scope += right
        items = [self.expression(scope) for _ in range(self.draw(st.integers(1, 3)))]
        outputs = [(next(self.names), kind) for _, kind in items]
        parts = [", ".join(f"{sql} as {name}" for (sql, _), (name, _) in zip(items, outputs, strict=True))]
        parts.append(f"from {' '.join(sources)}")
        head = "select"
        if not self.pure:
            if self.chance():
                parts.append(f"where {self.condition(scope)}")
            head = self.choose(["select", "select", "select distinct"])
        return f"{head} {' '.join(parts)}", outputs

    def key(self, scope):
        numbers = [ref for ref, kind in scope if kind == "int"]
        return self.choose(numbers) if numbers else f"length({self.choose([ref for ref, _ in scope])})"

    def operands(self, scope):
        texts = [ref for ref, kind in scope if kind == "text"] or [f"{ref}::text" for ref, _ in scope]
        return {
            "a": self.choose(texts),
            "b": self.choose(texts),
            "i": self.key(scope),
            "j": self.key(scope),
        }

    def condition(self, scope):
        return self.choose(BOOL).format(**self.operands(scope))

    def expression(self, scope):
        texts = [(ref, kind) for ref, kind in scope if kind == "text" or not self.pure]
        shape = self.choose(["column", "text", "int"] if not self.pure else ["column", "text"])
        operands = self.operands(scope)
        if shape == "column":
            return self.choose(texts) if texts else (operands["a"], "text")
        if shape == "int":
            return self.choose(INT).format(**operands, c=self.condition(scope)), "int"
        template = self.choose(PURE_TEXT if self.pure else TEXT)
        return template.format(**operands, c=self.condition(scope)), "text"


@st.composite
def any_query(draw):
    """Any query of the generator: expressions, joins, filters, set operations, subqueries."""
    return Writer(draw, pure=False).query(2)[0]


@st.composite
def pure_query(draw):
    """A query through which every mark of a source column that it selects is seen."""
    return Writer(draw, pure=True).query(3)[0]
