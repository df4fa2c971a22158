"""Ask the warehouse the report's questions, and keep each answer with the very SQL that was run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from psycopg import sql

from privacy_governance.report.facts import Figures
from privacy_governance.report.questions import FIRST

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from privacy_governance.report.questions import Question
    from privacy_governance.warehouse import Connection

Row = TypeVar("Row")


class Inquiry:
    """One night's questions on one connection, which should see one snapshot."""

    def __init__(self, connection: Connection, night: date) -> None:
        self._connection = connection
        self._night = night

    def ask(self, question: Question, make: Callable[..., Row], *, missing: str | None = None) -> Figures[Row]:
        """Answer with a `make(*row)` per row; with none where `missing` says why, or a relation is absent."""
        text = self.text(sql.SQL(question.sql).format(night=sql.Literal(self._night), first=sql.Literal(FIRST)))
        absent = [name for name in question.needs if not self.exists(name)]
        if absent:
            missing = f"the warehouse has no {' and no '.join(absent)}: the night did not get that far."
        if missing is not None:
            return Figures((), text, missing)
        return Figures(tuple(make(*row) for row in self.rows(text)), text)

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        """Run a statement that is complete as it stands; arrays become tuples."""
        return [
            tuple(tuple(value) if isinstance(value, list) else value for value in row)
            for row in self._connection.execute(text.encode())
        ]

    def text(self, statement: sql.Composable) -> str:
        """Return a statement as one could run it by hand."""
        return statement.as_string(self._connection).strip()

    def exists(self, relation: str) -> bool:
        """Whether the warehouse has `relation`."""
        found = self._connection.execute("select to_regclass(%s) is not null", [relation]).fetchone()
        return found == (True,)

    def columns(self, schema: str, table: str) -> set[str]:
        """Names of a relation's columns; none where the warehouse lacks it."""
        found = self._connection.execute(
            "select attname::text from pg_attribute where attrelid = to_regclass(format('%%I.%%I', %s::text, %s::text))"
            " and attnum > 0 and not attisdropped",
            [schema, table],
        )
        return {name for (name,) in found}
