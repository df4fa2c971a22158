"""The name PostgreSQL gives an output column that has no alias (parse_target.c, FigureColname)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from privacy_governance.lineage.functions import called_name, name_of
from privacy_governance.lineage.names import real_name

if TYPE_CHECKING:
    from collections.abc import Callable

UNNAMED = "?column?"

_NAMED: dict[type[exp.Expr], str] = {
    exp.Exists: "exists",
    exp.Array: "array",
    exp.Case: "case",
    exp.Coalesce: "coalesce",
}
_THROUGH = (exp.Paren, exp.Collate, exp.Window, exp.Filter, exp.WithinGroup, exp.Bracket)


def output_name(item: exp.Expr, fold: Callable[[str, bool], str]) -> str:
    """Return the real name of a SELECT item: its alias, else what PostgreSQL would call it."""
    if isinstance(item, exp.Alias):
        return real_name(item.args["alias"], fold)
    return _figured(item, fold) or UNNAMED


def _figured(node: exp.Expr, fold: Callable[[str, bool], str]) -> str:  # noqa: PLR0911 - one case per node kind
    if isinstance(node, exp.Column):
        return real_name(node.this, fold)
    if isinstance(node, exp.Dot):
        last = node.expression
        return real_name(last, fold) if isinstance(last, exp.Identifier) else _figured(last, fold)
    if isinstance(node, _THROUGH):
        return _figured(node.this, fold)
    if isinstance(node, exp.Cast):
        return _figured(node.this, fold) or node.args["to"].this.name.lower()
    if isinstance(node, exp.Case):
        default = node.args.get("default")
        return (_figured(default, fold) if isinstance(default, exp.Column) else "") or "case"
    if type(node) in _NAMED:
        return _NAMED[type(node)]
    if isinstance(node, exp.Subquery):
        selects = node.this.selects if isinstance(node.this, exp.Query) else []
        return output_name(selects[0], fold) if selects else ""
    if isinstance(node, exp.Anonymous):
        return called_name(node).strip('"')
    if isinstance(node, exp.Func) and not isinstance(node, exp.Connector | exp.Binary):
        return name_of(node)
    return "timezone" if isinstance(node, exp.AtTimeZone) else ""
