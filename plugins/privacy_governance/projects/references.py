"""The tables that a query reads, which are not those that it defines itself in WITH."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from privacy_governance.lineage.names import real_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from privacy_governance.projects.project import Name


def tables_read(query: exp.Expr, fold: Callable[[str, bool], str]) -> set[Name]:
    """Return the real names, one to three parts, of the tables that `query` reads.

    A name in FROM is a CTE's only where that CTE is visible: `with users as (select * from users)` reads the table.
    """
    found: set[Name] = set()
    waiting: list[tuple[exp.Expr, frozenset[str]]] = [(query, frozenset())]
    while waiting:
        node, ctes = waiting.pop()
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            parts = tuple(
                real_name(node.args[key], fold) for key in ("catalog", "db", "this") if node.args.get(key) is not None
            )
            if len(parts) > 1 or parts[0] not in ctes:
                found.add(parts)
        visible = ctes
        with_ = node.args.get("with_")
        if with_ is not None:
            names = [real_name(cte.args["alias"].this, fold) for cte in with_.expressions]
            if with_.args.get("recursive"):
                visible = ctes.union(names)
            for cte, name in zip(with_.expressions, names, strict=True):
                waiting.append((cte.this, visible))
                visible = visible.union((name,))
        waiting += [(child, visible) for child in node.iter_expressions() if child is not with_]
    return found
