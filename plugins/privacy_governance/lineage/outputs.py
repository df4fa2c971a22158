"""The name PostgreSQL gives an output column that has no alias (parse_target.c, FigureColname)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from privacy_governance.lineage.functions import called_name, name_of
from privacy_governance.lineage.names import real_name
from privacy_governance.lineage.parsing import WRITTEN_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    Fold = Callable[[str, bool], str]

UNNAMED = "?column?"

# What SQL's own syntax is called; functions are called as they are written.
_NAMED: dict[type[exp.Expr], str] = {
    exp.Exists: "exists",
    exp.Array: "array",
    exp.AtTimeZone: "timezone",
    exp.CurrentTimestamp: "current_timestamp",
    exp.JSONObjectAgg: "json_objectagg",
    exp.JSONValue: "json_value",
    exp.Overlaps: "overlaps",
    exp.Tuple: "row",
}
_TRIMS = {"LEADING": "ltrim", "TRAILING": "rtrim"}
_THROUGH = (exp.Paren, exp.Collate, exp.Window, exp.Filter, exp.WithinGroup, exp.Bracket)
# sqlglot's type -> what PostgreSQL's catalog calls it, where it is not the same word.
_TYPES: dict[str, str] = {
    "bigint": "int8",
    "boolean": "bool",
    "char": "bpchar",
    "decimal": "numeric",
    "double": "float8",
    "float": "float4",
    "int": "int4",
    "smallint": "int2",
    "varbinary": "bytea",
}


class _Name(NamedTuple):
    """A name, and whether it stays where a cast or a CASE around it would give one too."""

    text: str
    stays: bool


_NONE = _Name("", stays=False)


def output_name(item: exp.Expr, fold: Fold) -> str:
    """Return the real name of a SELECT item: its alias, else what PostgreSQL would call it."""
    if isinstance(item, exp.Alias):
        return real_name(item.args["alias"], fold)
    return _figured(item, fold).text or UNNAMED


def _figured(node: exp.Expr, fold: Fold) -> _Name:  # noqa: PLR0911 - one case per node kind
    if (written := node.meta.get(WRITTEN_NAME)) is not None:
        unquoted = False
        return _Name(fold(written, unquoted), stays=True)
    if isinstance(node, exp.Column):
        return _Name(real_name(node.this, fold), stays=True)
    if isinstance(node, exp.Dot):
        last = node.expression
        return _Name(real_name(last, fold), stays=True) if isinstance(last, exp.Identifier) else _figured(last, fold)
    if isinstance(node, _THROUGH):
        return _figured(node.this, fold)
    if isinstance(node, exp.Cast):
        inner = _figured(node.this, fold)
        return inner if inner.stays else _Name(_type_name(node.args["to"], fold), stays=False)
    if isinstance(node, exp.Interval):
        return _Name("interval", stays=False)
    if isinstance(node, exp.Case):
        default = node.args.get("default")
        inner = _figured(default, fold) if default is not None else _NONE
        return inner if inner.stays else _Name("case", stays=False)
    if isinstance(node, exp.Subquery):
        selects = node.this.selects if isinstance(node.this, exp.Query) else []
        return _Name(output_name(selects[0], fold), stays=True) if selects else _NONE
    called = _called(node)
    return _Name(called, stays=True) if called else _NONE


def _called(node: exp.Expr) -> str:
    if (name := _NAMED.get(type(node))) is not None:
        return name
    if isinstance(node, exp.Trim):
        return _TRIMS.get(str(node.args.get("position")), "btrim")
    if isinstance(node, exp.Anonymous):
        return called_name(node).strip('"')
    if isinstance(node, exp.Func) and not isinstance(node, exp.Connector | exp.Binary):
        return name_of(node)
    return ""


def _type_name(kind: exp.Expr, fold: Fold) -> str:
    """Return the catalog's name of a type; an array's is its element's."""
    if isinstance(kind, exp.DataType) and kind.this is exp.DType.ARRAY and kind.expressions:
        return _type_name(kind.expressions[0], fold)
    own = kind.args.get("kind")
    if isinstance(own, exp.Dot):
        own = own.expression
    if isinstance(own, exp.Identifier):
        return real_name(own, fold)
    name = str(kind.this.name if isinstance(kind.this, exp.DType) else kind.name).lower()
    return _TYPES.get(name, name)
