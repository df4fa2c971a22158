"""What a trace returns: the columns of a query, and the edges that lead to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["direct", "indirect", "unresolved"]


@dataclass(frozen=True, slots=True)
class Transformation:
    """What happened to a value on its way: one text to read, and the functions it passed, outermost first.

    `sql` joins the expression of every SELECT on the way with ` → `, innermost first, e.g. `lower(email) → max(e)`;
    it is the
    bare column where nothing happened. For an indirect edge it is the clause, e.g. `where lower(email) = …`. One step
    is cut at 400 characters. `functions` are PostgreSQL's names; the project's keyed pseudonym is `keyed token`.
    """

    sql: str
    functions: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.sql


@dataclass(frozen=True, slots=True)
class ColumnEdge:
    """One column's bearing on one output column.

    `source_table` and `source_column` are spelled as in the schema given to the trace; `output_column` is the real
    (unquoted) name, None where the source bears on all outputs. `direct`: the value flows. `indirect`: it decides which
    rows, groups, order or branch. `unresolved`: `reason` says why, the source is then the best known (None: not even
    a table could be told; `*`: all of its columns).
    """

    source_table: str | None
    source_column: str
    output_column: str | None
    kind: Kind
    transformation: Transformation
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class QueryTrace:
    """All that one pass over a query tells.

    `columns`: output names in order, `*` for a star that could not be expanded. `types`: PostgreSQL types of the
    outputs
    where they are evident (columns, casts), "" elsewhere. `edges`: see ColumnEdge. `sourceless`: outputs that no column
    flows to (constants, count(*), now()), with their SQL.
    """

    columns: tuple[str, ...]
    types: Mapping[str, str]
    edges: tuple[ColumnEdge, ...]
    sourceless: Mapping[str, str]

    @property
    def unresolved(self) -> tuple[ColumnEdge, ...]:
        """The edges that block publishing."""
        return tuple(edge for edge in self.edges if edge.kind == "unresolved")
