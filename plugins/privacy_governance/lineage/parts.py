"""Which parts of an operator are returned, and which only decide what is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Callable

# Each part of a node, with the clause through which it decides (None: its value is returned, or made into what is).
Parts = list[tuple[exp.Expr, str | None]]


def _case(node: exp.Expr) -> Parts:
    parts: Parts = [(node.this, "case")] if node.args.get("this") else []
    for branch in node.args.get("ifs") or ():
        parts += [(branch.this, "case"), (branch.args["true"], None)]
    if (default := node.args.get("default")) is not None:
        parts.append((default, None))
    return parts


def _if(node: exp.Expr) -> Parts:
    parts: Parts = [(node.this, "case"), (node.args["true"], None)]
    if (otherwise := node.args.get("false")) is not None:
        parts.append((otherwise, None))
    return parts


def window_parts(node: exp.Expr) -> Parts:
    """Return the parts of a window: its function, and what partitions and orders its rows."""
    parts: Parts = []
    if (this := node.args.get("this")) is not None and not isinstance(this, exp.Identifier):
        parts.append((this, None))
    parts += [(key, "partition by") for key in node.args.get("partition_by") or ()]
    if (order := node.args.get("order")) is not None:
        parts += [(key, "order by") for key in order.expressions]
    return parts


def _order(node: exp.Expr) -> Parts:
    parts: Parts = [(node.this, None)] if node.args.get("this") else []
    return parts + [(key, "order by") for key in node.expressions]


def _within_group(node: exp.Expr) -> Parts:
    return [(node.this, None), *((key, None) for key in node.expression.expressions)]


def _first_of(clause: str) -> Callable[[exp.Expr], Parts]:
    """Return the parts of a node whose first operand's value is returned and whose others choose."""

    def parts(node: exp.Expr) -> Parts:
        return [(child, None if child is node.this else clause) for child in node.iter_expressions()]

    return parts


def _date_bin(node: exp.Expr) -> Parts:
    """Return all parts: sqlglot takes PostgreSQL's origin for a unit, and a bare column for the unit's name."""
    unit = node.args.get("unit")
    if not isinstance(unit, exp.Var):
        return [(child, None) for child in node.iter_expressions()]
    return [(node.this, None), (node.expression, None), (exp.column(unit.name), None)]


def _named_argument(node: exp.Expr) -> Parts:
    return [(node.expression, None)]


def _called(node: exp.Expr) -> Parts:
    return [(child, None) for child in node.args.get("expressions") or ()]


# A node that is not listed returns all of its parts.
PARTS: dict[type[exp.Expr], Callable[[exp.Expr], Parts]] = {
    exp.Case: _case,
    exp.If: _if,
    exp.Window: window_parts,
    exp.Order: _order,
    exp.Filter: _first_of("filter"),
    exp.WithinGroup: _within_group,
    exp.Nullif: _first_of("nullif"),
    exp.Bracket: _first_of("subscript"),
    exp.JSONExtract: _first_of("subscript"),
    exp.JSONExtractScalar: _first_of("subscript"),
    exp.JSONBExtract: _first_of("subscript"),
    exp.JSONBExtractScalar: _first_of("subscript"),
    exp.DateBin: _date_bin,
    exp.Kwarg: _named_argument,
    exp.PropertyEQ: _named_argument,
    exp.Anonymous: _called,
}
